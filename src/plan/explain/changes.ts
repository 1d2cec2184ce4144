import { sharesQueue } from '../../spec/normalise/normalise-rollout.ts';
import { diffSpecs } from '../../spec/field-diff.ts';
import { changedFields, runsOtherCode } from '../decide/code.ts';
import { effectiveInstances, effectiveSpec, runMode } from '../slots/effective.ts';
import { hooksOfWork, plannedHooks } from './planned-hooks.ts';
import { isOtherCode, type CodeChange } from '../model/code.ts';
import { isScheduled } from '../slots/schedule.ts';
import { describeHow } from '../model/reload-text.ts';
import type { Reason } from '../model/reasons.ts';
import { keepsAddresses } from '../slots/addresses.ts';
import { boundsNow, isRestartedNow } from '../decide/bounds.ts';
import type { AppSlots } from '../slots/slots.ts';
import { scaleReason, workReason, type WorkReason } from '../decide/work-reason.ts';
import type { FieldChange } from '../../spec/types.ts';
import type { AcceptedApp, DesiredApp, Override } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Change, ChangeKind, ChangeRollout } from '../model/plan.ts';
import { countTouches, countUntouched, type AppWork } from '../decide/work.ts';

export interface ChangeInput {
  readonly app: DesiredApp;
  /** undefined: the app is new. */
  readonly accepted: AcceptedApp | undefined;
  readonly reachable: boolean;
  readonly appSlots: AppSlots;
  readonly work: AppWork;
  /** How its code differs from that of its processes. */
  readonly code?: CodeChange | undefined;
}

/** One line of a plan, and how many processes it leaves alone. */
export interface CountedChange {
  readonly change: Change;
  /** Processes of the app that run and stay. */
  readonly untouched: number;
}

/**
 * What happens to a desired app. `unchanged` means that nothing is left to do, now or later. An app whose specs are equal
 * but whose processes are not what they should be is `start`, `restart` or `stop`, so that a plan after a crash tells the
 * truth. (Forgetting records of ended processes is not a change.)
 */
export function describeChange(input: ChangeInput): CountedChange {
  const { app, accepted } = input;
  const counts = input.reachable
    ? { touches: countTouches(input.work), untouched: countUntouched(input.work, input.appSlots) }
    : estimate(app, accepted);
  const declared =
    accepted === undefined
      ? []
      : diffSpecs(effectiveSpec(accepted.spec, accepted.override), effectiveSpec(app.spec, app.override));
  const fields = [...declared, ...codeFields(input, declared)];
  const kind = classifyChange(input, fields, counts.touches);
  const change: Change = {
    app: app.key,
    ...kind,
    fields,
    instancesBefore: accepted === undefined ? 0 : effectiveInstances(accepted.spec, accepted.override),
    instancesAfter: effectiveInstances(app.spec, app.override),
    touches: counts.touches,
    ...rolloutOf(kind, input),
    ...hooksOf(kind, input),
    ...reloadOf(input),
  };
  return { change, untouched: counts.untouched };
}

/** Whatever a process is replaced for, its successor runs the code on disk, so the change says that too. */
function codeFields({ code, work }: ChangeInput, declared: readonly FieldChange[]): readonly FieldChange[] {
  if (code === undefined || declared.some(({ path }) => path === 'code')) return [];
  const isReplaced = work.replace.some(({ outdated }) => runsOtherCode(outdated.instance, code.after));
  const runsAgain = work.start.some(
    ({ history }) => history?.lastCode !== undefined && isOtherCode(history.lastCode, code.after),
  );
  if (!isReplaced && !runsAgain) return [];
  return changedFields(code).filter(({ path }) => !declared.some((field) => field.path === path));
}

interface Kind {
  readonly kind: ChangeKind;
  readonly reason: Reason;
}

/** The costliest thing that happens names the change; the fields say the rest. */
function classifyChange(input: ChangeInput, fields: readonly FieldChange[], touches: number): Kind {
  const { app, accepted } = input;
  if (accepted === undefined) return { kind: 'create', reason: 'Created' };
  const work = input.reachable ? workReason(input.work, input.appSlots, accepted) : null;
  const drift = work === null ? null : workChange(work, input);
  const isRoll = drift?.kind === 'roll' && accepted.templateHash === app.templateHash;
  const declared = specChange(accepted, app, fields);
  return (
    runChange(accepted, app, touches) ??
    (isRoll || (drift?.kind === 'reload' && declared?.kind === 'live') ? drift : null) ??
    declared ??
    drift ?? { kind: 'unchanged', reason: 'Converged' }
  );
}

/** A change of whether the app should run at all. */
function runChange(accepted: AcceptedApp, app: DesiredApp, touches: number): Kind | null {
  const before = runMode(accepted.spec, accepted.override);
  const after = runMode(app.spec, app.override);
  if (before === after) return null;
  if (after === 'stopped') return { kind: 'stop', reason: 'StoppedByOperator' };
  const byOperator = app.override?.run === 'running';
  if (after === 'running' && (before === 'stopped' || touches > 0)) {
    return {
      kind: 'start',
      reason: byOperator ? 'StartedByOperator' : resetReason(accepted.override, app.override),
    };
  }
  return null;
}

function specChange(accepted: AcceptedApp, app: DesiredApp, fields: readonly FieldChange[]): Kind | null {
  if (accepted.templateHash !== app.templateHash) return { kind: 'roll', reason: 'TemplateChanged' };
  const before = effectiveInstances(accepted.spec, accepted.override);
  const after = effectiveInstances(app.spec, app.override);
  if (before !== after)
    return { kind: 'scale', reason: resizeReason(accepted.override, app.override, after > before) };
  return fields.some(({ path, class: cost }) => path !== 'code' && cost !== 'template')
    ? { kind: 'live', reason: 'LiveFieldsChanged' }
    : null;
}

function resizeReason(before: Override | null, after: Override | null, up: boolean): Reason {
  const isReset = before?.instances !== undefined && after?.instances === undefined;
  return isReset ? 'OverrideReset' : scaleReason(up ? 'up' : 'down', after);
}

function resetReason(before: Override | null, after: Override | null): Reason {
  return before !== null && after === null ? 'OverrideReset' : 'NotRunning';
}

/**
 * What is left to do where the specs are equal. Newer code is a new version, even if live fields change with it.
 */
function workChange({ kind, reason }: WorkReason, { app, accepted }: ChangeInput): Kind | null {
  switch (kind) {
    case 'replace':
      return { kind: reason === 'CodeChanged' || reason === 'SecretRotated' ? 'roll' : 'restart', reason };
    case 'start':
      return { kind: reason === 'ReleaseChanged' ? 'run' : 'start', reason };
    case 'stop':
      return { kind, reason };
    case 'reload':
      return { kind, reason };
    case 'adopt':
      // An app that is begun afresh changes nothing for what is already coming up.
      return accepted?.begunAfresh === app.begunAfresh ? { kind: 'live', reason } : null;
  }
}

/** Which processes will read their settings again. */
function reloadOf({ app, work }: ChangeInput): Pick<Change, 'reload'> {
  if (work.reload.length === 0 || app.reload === undefined) return {};
  const { detail } = app.reload;
  return { reload: { processes: work.reload.length, how: describeHow(app.spec), detail } };
}

/** How the processes will be replaced; nothing where none is. */
function rolloutOf({ kind }: Kind, input: ChangeInput): { readonly rollout?: ChangeRollout } {
  const { app } = input;
  const replaced = outdatedOf(input).length;
  const instances = input.reachable ? replaced : runningInstances(app);
  if ((kind !== 'roll' && kind !== 'restart') || instances === 0) return {};
  if (isAllAtOnce(input)) {
    return { rollout: { order: 'stop-first', atOnce: instances, gap: true, now: true } };
  }
  const kept = outdatedOf(input).filter((instance) => keepsAddresses(instance, app));
  if (kept.length > 0) {
    const isLost = kept.some(({ socketsLost }) => socketsLost === true);
    const order = { order: 'stop-first', atOnce: kept.length, gap: true } as const;
    return { rollout: { ...order, ...(isLost && { socketsLost: true }) } };
  }
  const { maxSurge, maxUnavailable, parallel } = boundsNow(input.appSlots);
  const atOnce = Math.min(parallel, maxSurge + maxUnavailable, instances);
  // Where a socket is shared, the others answer for one that is missing; else each instance has its own users.
  const missing = Math.max(0, atOnce - maxSurge);
  // What comes to a socket that the app is given waits for a process.
  const waits = app.spec.sockets.length > 0;
  const gap = !waits && missing > 0 && (!sharesQueue(app.spec) || missing >= runningInstances(app));
  return { rollout: { order: maxSurge > 0 ? 'start-first' : 'stop-first', atOnce, gap } };
}

function hooksOf({ kind }: Kind, { app, work }: ChangeInput): Pick<Change, 'hooks' | 'preStart'> {
  const hooks = kind === 'unchanged' ? [] : hooksOfWork(app, work);
  return plannedHooks(hooks, app.spec);
}

function outdatedOf({ work }: ChangeInput): readonly ObservedInstance[] {
  return work.replace.map(({ outdated }) => outdated.instance);
}

function isAllAtOnce(input: ChangeInput): boolean {
  const outdated = outdatedOf(input);
  return outdated.length > 0 && outdated.every((instance) => isRestartedNow(instance, input.app));
}

interface Counts {
  readonly touches: number;
  readonly untouched: number;
}

/** The cost of a change when the processes are not known: as if what was accepted last were running. */
function estimate(app: DesiredApp, accepted: AcceptedApp | undefined): Counts {
  const before = accepted === undefined ? 0 : runningInstances(accepted);
  const after = runningInstances(app);
  if (accepted !== undefined && accepted.templateHash !== app.templateHash) {
    return { touches: Math.max(before, after), untouched: 0 };
  }
  return { touches: Math.abs(after - before), untouched: Math.min(before, after) };
}

/** How many instances an app has when all goes well. */
export function runningInstances({ spec, override }: Pick<AcceptedApp, 'spec' | 'override'>): number {
  if (isScheduled(spec)) return 0;
  return runMode(spec, override) === 'running' ? effectiveInstances(spec, override) : 0;
}
