import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { runMode } from '../../plan/slots/effective.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import { hasFailed } from '../../plan/model/rollout.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { AppHealth } from '../../plan/model/health.ts';
import { endOf, overrideSet, scaleEffect, started, stopEffect, type By } from './override-effects.ts';
import type { VerbEffect } from './verb-effect.ts';
import { reloadEffect } from './reload-effect.ts';
import type { Fact } from '../../state/model/types.ts';

/** What a verb is about: an app, or one of its instances. */
export interface VerbTarget {
  readonly app: DesiredApp;
  /** null: the whole app. */
  readonly slot: number | null;
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
      return ok(stopEffect(target.app, by, endOf(request.forMs, now)));
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
