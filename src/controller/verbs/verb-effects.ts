import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { effectiveInstances, runMode } from '../../plan/slots/effective.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import { hasFailed } from '../../plan/model/rollout.ts';
import type { DesiredApp, Override } from '../../plan/model/desired.ts';
import type { AppHealth } from '../../plan/model/health.ts';
import { reloadEffect } from './reload-effect.ts';
import { SPEC_MAXIMA } from '../../spec/generated/spec-defaults.ts';
import type { Fact } from '../../state/model/types.ts';

/** What a verb is about: an app, or one of its instances. */
export interface VerbTarget {
  readonly app: DesiredApp;
  /** null: the whole app. */
  readonly slot: number | null;
}

/** What a verb does to one target: facts to commit (none when it is as wanted), and a line for who asked. */
export interface VerbEffect {
  readonly facts: readonly Fact[];
  readonly reason: Reason;
  readonly message: string;
}

/** An effect, and what it is of. */
export interface TargetEffect {
  readonly target: VerbTarget;
  readonly effect: VerbEffect;
}

export interface VerbCircumstances {
  /** What the loop last found out about the app. */
  readonly health: AppHealth | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Works out what a verb changes in the desired state; nothing is committed. */
export function verbEffect(
  target: VerbTarget,
  request: Exclude<VerbRequest, { verb: 'delete' }>,
  { health, now }: VerbCircumstances,
): Result<VerbEffect, Failure> {
  const by = { by: request.by, at: now };
  switch (request.verb) {
    case 'start':
      return ok(startEffect(target.app, health, by));
    case 'stop':
      return ok(stopEffect(target.app, by));
    case 'restart':
      return restartEffect(target, { reason: 'RestartRequested', now: request.now === true, by });
    case 'reload':
      return restartEffect(target, { reason: 'ReloadRequested', now: false, by });
    case 'rollout-pause':
      return pauseEffect(target.app, by);
    case 'rollout-resume':
      return resumeEffect(target.app, by);
    case 'scale':
      return scaleEffect(target.app, request, by);
    default:
      return unreachable(request);
  }
}

/** Who asked, and when. */
type By = Pick<Override, 'by' | 'at'>;

function startEffect(app: DesiredApp, health: AppHealth | undefined, by: By): VerbEffect {
  const reason = 'StartedByOperator';
  const isAtRest = isScheduled(app.spec) && health?.desiredInstances === 0;
  if (isAtRest && runMode(app.spec, app.override) === 'running') {
    return { facts: [restartOf(app, null, { reason, by })], reason, message: 'runs now' };
  }
  if (runMode(app.spec, app.override) !== 'running') {
    return { facts: startOf(app, restartOf(app, null, { reason, by }), by), reason, message: 'started' };
  }
  if (health !== undefined && isPartlyDown(health)) {
    return { facts: [{ kind: 'begun-afresh', key: app.key }], reason, message: 'started again' };
  }
  // An app that has ended for good is not stopped: to start it is to ask for new processes.
  if (health?.health === 'Completed' || health?.health === 'Failed' || health?.health === 'CrashLoop') {
    return { facts: [restartOf(app, null, { reason, by })], reason, message: 'started again' };
  }
  return { facts: [], reason, message: 'is running already' };
}

/**
 * Whether the app waits for another start, or serves with some instances down: what runs is not to be replaced.
 */
function isPartlyDown({ health, readyInstances, desiredInstances, conditions }: AppHealth): boolean {
  const waits = conditions.some(({ type, status }) => type === 'BackOff' && status === 'True');
  if (readyInstances === 0) return waits && health !== 'CrashLoop';
  return readyInstances < desiredInstances && (waits || health === 'Degraded' || health === 'CrashLoop');
}

/** Starts an app that is not to run; what had ended for good before it was stopped is to run now, so it asks for new processes too. */
function startOf(app: DesiredApp, restart: Fact, by: By): readonly Fact[] {
  return [restart, overrideSet(app.key, started(app, by))];
}

/** The facts of `start` for an app that does not run. */
export function startFacts(app: DesiredApp, by: By): readonly Fact[] {
  return startOf(app, restartOf(app, null, { reason: 'StartedByOperator', by }), by);
}

function stopEffect(app: DesiredApp, by: By): VerbEffect {
  const reason = 'StoppedByOperator';
  if (app.override?.run === 'stopped') return { facts: [], reason, message: 'is stopped already' };
  const override: Override = { ...keptInstances(app), run: 'stopped', ...by };
  return { facts: [overrideSet(app.key, override)], reason, message: 'stopped' };
}

interface AskedRestart {
  readonly reason: 'RestartRequested' | 'ReloadRequested' | 'StartedByOperator';
  readonly now?: boolean;
  readonly by: By;
}

function restartEffect({ app, slot }: VerbTarget, asked: AskedRestart): Result<VerbEffect, Failure> {
  const { reason, by } = asked;
  const restart = restartOf(app, slot, asked);
  if (runMode(app.spec, app.override) !== 'running') {
    return ok({ facts: startOf(app, restart, by), reason, message: 'started' });
  }
  const paused = app.rollout?.paused;
  // A restart tries a rollout again that has failed and waits.
  if (paused != null && paused.failure === null) return err(isPaused(app.key, paused.by));
  if (reason === 'ReloadRequested' && app.spec.reload !== null) return ok(reloadEffect(app, slot, by));
  const done = reason === 'ReloadRequested' ? 'reloaded' : 'restarted';
  return ok({ facts: [restart], reason, message: slot === null ? done : `slot ${slot} ${done}` });
}

export function isPaused(key: AppKey, by: string): Failure {
  return {
    code: 'CONFLICT',
    message: `cannot restart ${key}: its rollout is paused by ${by}, so nothing would be replaced`,
    hint: `stateward rollout resume ${key} has it go on`,
  };
}

function pauseEffect({ key, rollout }: DesiredApp, by: By): Result<VerbEffect, Failure> {
  const reason = 'RolloutPaused';
  // A first version replaces nothing, so there is nothing to pause.
  if (rollout === undefined || rollout.previous === null) return err(noRollout(key, 'pause'));
  if (rollout.paused !== null) return ok({ facts: [], reason, message: 'rollout is paused already' });
  const fact: Fact = { kind: 'rollout-paused', key, paused: by, at: by.at };
  return ok({ facts: [fact], reason, message: 'rollout paused' });
}

function resumeEffect({ key, rollout }: DesiredApp, by: By): Result<VerbEffect, Failure> {
  const reason = 'RolloutResumed';
  // A first version waits too where its pre_start hook has failed.
  const isNone = rollout === undefined || (rollout.previous === null && !hasFailed(rollout));
  if (isNone) return err(noRollout(key, 'resume'));
  if (rollout.paused === null) return ok({ facts: [], reason, message: 'rollout is not paused' });
  const fact: Fact = { kind: 'rollout-paused', key, paused: null, at: by.at };
  return ok({ facts: [fact], reason, message: 'rollout resumed' });
}

function noRollout(key: AppKey, verb: string): Failure {
  return {
    code: 'CONFLICT',
    message: `cannot ${verb} the rollout of ${key}: none is under way`,
    hint: `stateward rollout status ${key} shows how the last one ended`,
  };
}

/** A scheduled job gets a run, in place of one that goes on. */
function restartOf(
  { key, spec }: DesiredApp,
  slot: number | null,
  { reason, now = false, by }: AskedRestart,
): Fact {
  const asked = {
    kind: 'restart-requested',
    key,
    reason,
    detail: `asked for by ${by.by}`,
    at: by.at,
    ...(now && { now: true as const }),
  } as const;
  return isScheduled(spec) ? { ...asked, slot: slot ?? 0, run: true } : { ...asked, slot };
}

function scaleEffect(
  app: DesiredApp,
  request: Extract<VerbRequest, { verb: 'scale' }>,
  by: By,
): Result<VerbEffect, Failure> {
  if (isScheduled(app.spec)) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key}: it is a scheduled job`,
      hint: 'concurrency: allow lets runs go on side by side',
    });
  }
  const before = effectiveInstances(app.spec, app.override);
  const after = request.instances ?? before + (request.delta ?? 0);
  if (after < 1) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key} to ${after}: at least 1 instance is needed`,
      hint: `stateward stop ${app.key} stops all of them`,
    });
  }
  if (after > SPEC_MAXIMA.instances) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key} to ${after}: more than ${SPEC_MAXIMA.instances} instances of one app are not allowed`,
    });
  }
  const reason = 'ScaledByOperator';
  if (after === before) return ok({ facts: [], reason, message: `has ${before} instances already` });
  const override = withInstances(app, after, by);
  return ok({
    facts: [overrideSet(app.key, override)],
    reason,
    message: `scaled from ${before} to ${after}`,
  });
}

/** The override that makes the app run: none where the file says so itself. */
function started(app: DesiredApp, by: By): Override | null {
  const kept = keptInstances(app);
  if (!app.spec.autostart) return { ...kept, run: 'running', ...by };
  return kept.instances === undefined ? null : { ...kept, ...by };
}

function withInstances(app: DesiredApp, instances: number, by: By): Override | null {
  const run = app.override?.run;
  if (instances === app.spec.instances) return run === undefined ? null : { run, ...by };
  return { ...(run !== undefined && { run }), instances, ...by };
}

function keptInstances({ override }: DesiredApp): Pick<Override, 'instances'> {
  return override?.instances === undefined ? {} : { instances: override.instances };
}

function overrideSet(key: AppKey, override: Override | null): Fact {
  return { kind: 'override-set', key, override };
}
