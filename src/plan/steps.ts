import type { AppKey } from '../lib/app-key.ts';
import { unmetDependencies, type UnmetDependency } from './dependencies.ts';
import { restartGenerationOf } from './effective.ts';
import { isOnRecord } from './history.ts';
import type { Reason } from './reasons.ts';
import { isScheduled, servesRun } from './schedule.ts';
import { planRollout, STOP_THEN_START, type Rollout } from './rollout.ts';
import type { AppSlots, OccupiedSlot, Slot } from './slots.ts';
import type { Action, AcceptedApp, DesiredApp, ObservedInstance } from './types.ts';
import type { AppWork } from './work.ts';

/** What is to be done about one app now, and what of the rest waits for what. */
export interface Steps {
  readonly actions: readonly Action[];
  readonly rollout: Rollout;
  /** Dependencies that keep processes from being started or replaced now. */
  readonly unmet: readonly UnmetDependency[];
  /** Empty slots that wait for surplus processes to end first. */
  readonly crowdedOut: readonly Slot[];
}

export interface StepsInput {
  readonly app: DesiredApp;
  readonly accepted: AcceptedApp | undefined;
  readonly appSlots: AppSlots;
  readonly work: AppWork;
  readonly slotsOf: (key: AppKey) => AppSlots | undefined;
}

/** Stops come before starts, so that the executor frees a place before it is taken. */
export function chooseSteps(input: StepsInput): Steps {
  const { app, appSlots, work, slotsOf } = input;
  const rollout = planRollout(appSlots.slots, STOP_THEN_START);
  const unmetReplace = rollout.replace.length > 0 ? unmetDependencies(app, 'replace', slotsOf) : [];
  const replace = unmetReplace.length > 0 ? [] : rollout.replace;
  const due = work.start.filter(({ stopping, next }) => stopping.length === 0 && next?.kind === 'now');
  const unmetStart = due.length > 0 ? unmetDependencies(app, 'start', slotsOf) : [];
  const room = Math.max(0, appSlots.wanted + STOP_THEN_START.maxSurge - countLive(appSlots));
  const start = unmetStart.length > 0 ? [] : due.slice(0, room);
  const actions = [
    ...work.stop.map((instance) => stopAction(app, instance, misplacedReason(instance, input))),
    ...replace.map((slot) => replaceAction(app, slot)),
    ...start.map((slot) => startAction(slot, input)),
    ...work.adopt.flatMap((instance) => (instance.state === 'running' ? [adoptAction(app, instance)] : [])),
    ...appSlots.slots.flatMap((slot) => forgetActions(app, slot, appSlots)),
  ];
  return {
    actions,
    rollout,
    unmet: unmetStart.length > 0 ? unmetStart : unmetReplace,
    crowdedOut: unmetStart.length > 0 ? [] : due.slice(room),
  };
}

/** Processes of the app that count against its number of instances. */
function countLive({ slots }: AppSlots): number {
  const count = ({ wanted, current, surplus, stopping, unverified }: Slot) =>
    (current === null ? 0 : 1) + surplus.length + stopping.length + (wanted ? unverified.length : 0);
  return slots.reduce((sum, slot) => sum + count(slot), 0);
}

function startAction(slot: Slot, { app, accepted, appSlots }: StepsInput): Action {
  const { key, generation, revision, templateHash } = app;
  const reason = startReason(slot, { app, accepted, appSlots });
  return {
    kind: 'start',
    key,
    slot: slot.slot,
    generation,
    restartGeneration: restartGenerationOf(app, slot.slot),
    revision,
    templateHash,
    reason,
  };
}

function startReason(
  slot: Slot,
  { app, accepted, appSlots }: Pick<StepsInput, 'app' | 'accepted' | 'appSlots'>,
): Reason {
  if (slot.history !== undefined || isScheduled(app.spec))
    return slot.next?.kind === 'now' ? slot.next.reason : 'NotRunning';
  if (appSlots.slots.some(({ current }) => current !== null)) return 'ScaledUp';
  if (accepted === undefined) return 'Created';
  return app.override?.run === 'running' ? 'StartedByOperator' : 'NotRunning';
}

function replaceAction(app: DesiredApp, { current }: OccupiedSlot): Action {
  return stopAction(app, current, outdatedReason(current, app));
}

/** Why a process that runs is not what is declared. */
export function outdatedReason(instance: ObservedInstance, app: DesiredApp): Reason {
  if (instance.templateHash !== app.templateHash && !isScheduled(app.spec)) return 'TemplateChanged';
  return app.lastRestart?.reason ?? 'RestartRequested';
}

function misplacedReason(instance: ObservedInstance, { app, appSlots }: StepsInput): Reason {
  if (appSlots.mode === 'stopped') return 'StoppedByOperator';
  if (appSlots.lastRun !== null && !servesRun(instance, app)) return 'NotDue';
  if (instance.slot < appSlots.wanted) return 'DuplicateSlot';
  return app.override?.instances === undefined ? 'ScaledDown' : 'ScaledByOperator';
}

function stopAction(app: DesiredApp, { key, slot, nonce }: ObservedInstance, reason: Reason): Action {
  const { revision, spec } = app;
  return {
    kind: 'stop',
    key,
    slot,
    nonce,
    revision,
    reason,
    killTimeoutMs: spec.kill_timeout,
    tree: spec.treekill,
    drainMs: spec.kill_timeout,
    message: spec.shutdown_with_message,
  };
}

function adoptAction(app: DesiredApp, { key, slot, nonce }: ObservedInstance): Action {
  const { generation, revision } = app;
  return { kind: 'adopt', key, slot, nonce, generation, revision, reason: 'Adopted' };
}

/** Ended processes whose exit is on record, or that left none. */
function forgetActions(app: DesiredApp, slot: Slot, { mode }: AppSlots): readonly Action[] {
  // Of an app that is not started by itself, the last record says that it is under way (see slots.ts).
  const isKept = mode === 'idle' && slot.next !== null && slot.next.kind !== 'never';
  return slot.exited.flatMap((instance): readonly Action[] => {
    if (isKept && instance.nonce === slot.history?.lastNonce) return [];
    if (instance.exit !== null && !isOnRecord(slot.recorded, instance.nonce)) return [];
    const { key, nonce } = instance;
    return [{ kind: 'forget', key, slot: slot.slot, nonce, revision: app.revision, reason: 'ExitRecorded' }];
  });
}
