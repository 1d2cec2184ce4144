import type { AppKey } from '../../lib/app-key.ts';
import { isAddressTaken } from '../slots/addresses.ts';
import { isRestartedNow, rolloutBounds } from './bounds.ts';
import { unmetDependencies, type UnmetDependency } from './dependencies.ts';
import { restartGenerationOf, startable } from '../slots/effective.ts';
import { isOnRecord } from '../slots/history.ts';
import { gateOf, type Gate } from '../hooks/pre-start.ts';
import type { HookRun } from '../model/hooks.ts';
import type { Reason } from '../model/reasons.ts';
import { stopOrder } from '../model/stop-order.ts';
import { hasRemains } from '../slots/remains.ts';
import { planReload, type Reload } from './reload.ts';
import { planRollout, type Rollout, type RolloutStance } from './rollout.ts';
import type { EmptySlot, OutdatedSlot, Slot } from '../slots/slot.ts';
import { countLive, type AppSlots } from '../slots/slots.ts';
import type { Action } from '../model/actions.ts';
import type { AcceptedApp, DesiredApp } from '../model/desired.ts';
import type { ObservedHook, ObservedInstance } from '../model/observed.ts';
import type { RolloutVerdict } from '../model/rollout.ts';
import { misplacedReason, outdatedReason, startReason } from './work-reason.ts';
import type { AppWork } from './work.ts';

/** What to do about one app now, and what the rest waits for. */
export interface Steps {
  readonly actions: readonly Action[];
  readonly rollout: Rollout;
  readonly reload: Reload;
  /** Dependencies that keep processes from being started or replaced. */
  readonly unmet: readonly UnmetDependency[];
  /** Empty slots that wait for surplus processes to end first. */
  readonly crowdedOut: readonly EmptySlot[];
  /** What the pre_start hook says to the starts and replacements whose turn has come. */
  readonly gate: Gate;
}

const OPEN: Gate = { kind: 'open' };
const NOTHING: Pick<Rollout, 'replace' | 'missed' | 'surge'> = { replace: [], missed: [], surge: [] };

export interface StepsInput {
  readonly app: DesiredApp;
  readonly accepted: AcceptedApp | undefined;
  readonly appSlots: AppSlots;
  readonly work: AppWork;
  readonly slotsOf: (key: AppKey) => AppSlots | undefined;
  /** What has been found out about the rollout just now. */
  readonly verdict: RolloutVerdict | null;
  /** Processes that run hooks of the app. Absent: none. */
  readonly hooks?: readonly ObservedHook[];
}

/** Stops are listed before starts. */
export function chooseSteps(input: StepsInput): Steps {
  const { app, appSlots, work, slotsOf } = input;
  const reload = planReload(appSlots);
  const stance = stanceOf(input);
  const rollout = planRollout(appSlots, stance);
  const begins = rollout.replace.length > 0 || rollout.surge.length > 0;
  const unmetReplace = begins ? unmetDependencies(app, 'replace', slotsOf) : [];
  const gate = gateOf(app, input.hooks ?? []);
  const isHeld = unmetReplace.length > 0 || gate.kind !== 'open';
  const { replace, missed, surge } = isHeld ? NOTHING : rollout;
  const due = stance === 'failing' ? [] : work.start.filter(isDue);
  const unmetStart = due.length > 0 ? unmetDependencies(app, 'start', slotsOf) : [];
  const room = due.length > 0 ? roomForStarts(appSlots) : 0;
  const version = startable(app);
  // Another version of the same template differs by restarts and code alone: what it would run is what the hook is about.
  const isOfRelease = version.templateHash === app.templateHash;
  const startsDeclared = room > 0 && isOfRelease;
  const start = unmetStart.length > 0 || (isOfRelease && gate.kind !== 'open') ? [] : due.slice(0, room);
  const isAtGate =
    gate.kind !== 'open' &&
    ((begins && unmetReplace.length === 0) || (startsDeclared && unmetStart.length === 0));
  const actions: readonly Action[] = [
    ...(isAtGate && gate.kind === 'begin' ? [preStartAction(app, gate.run)] : []),
    ...work.stop.map((instance) => stopAction(app, instance, misplacedReason(instance, appSlots))),
    ...rollout.takeBack.map((instance) => stopAction(app, instance, 'RolloutFailed')),
    ...rollout.retire.map((instance) =>
      stopAction(app, instance, isTakenBack(instance, app) ? 'RolledBack' : 'Replaced'),
    ),
    ...replace.map((slot) => replaceAction(app, slot, missed.includes(slot))),
    ...start.map((slot) => startAction(version, slot.slot, startReason(slot, appSlots, input.accepted))),
    ...surge.map((slot) => startAction(app, slot.slot, outdatedReason(slot.outdated.instance, app))),
    ...work.adopt
      .filter((instance) => instance.state === 'running' && !rollout.takeBack.includes(instance))
      .map((instance) => adoptAction(app, instance)),
    ...reload.next.map((instance) => reloadAction(app, instance)),
    ...appSlots.slots.flatMap((slot) => forgetActions(app, slot, appSlots)),
  ];
  return {
    actions,
    rollout,
    reload,
    unmet: unmetStart.length > 0 ? unmetStart : unmetReplace,
    crowdedOut: unmetStart.length > 0 ? [] : due.slice(room),
    gate: isAtGate ? gate : OPEN,
  };
}

function stanceOf({ app, verdict }: Pick<StepsInput, 'app' | 'verdict'>): RolloutStance {
  if (verdict?.kind === 'failed') return 'failing';
  const paused = app.rollout?.paused ?? null;
  if (paused === null) return 'going';
  return paused.failure === null ? 'paused' : 'failed';
}

function isDue({ stopping, next }: EmptySlot): boolean {
  return stopping.length === 0 && next.kind === 'now';
}

/**
 * How many processes may be started in empty slots. The rollout has already made room for each pair; the other slots do
 * not wait for it, even if max_surge has been lowered since.
 */
function roomForStarts(appSlots: AppSlots): number {
  const { app, slots, wanted } = appSlots;
  if (slots.some((slot) => isAddressTaken(slot, app))) return 0;
  const pairs = slots.filter(({ holds }) => holds === 'pair').length;
  const surge = Math.max(rolloutBounds(app).maxSurge, pairs);
  return Math.max(0, wanted + surge - countLive(appSlots));
}

function preStartAction(app: DesiredApp, run: HookRun): Action {
  return { kind: 'hook', key: app.key, slot: -1, app, run, facts: { pid: null }, reason: run.reason };
}

function startAction(app: DesiredApp, slot: number, reason: Reason): Action {
  return { kind: 'start', key: app.key, slot, app, reason };
}

function replaceAction(app: DesiredApp, { outdated: { instance } }: OutdatedSlot, isMissed: boolean): Action {
  const stop = stopAction(app, instance, outdatedReason(instance, app));
  return isMissed ? { ...stop, successor: app } : stop;
}

/** Whether it runs the version whose rollout failed last, beside the process that is kept. */
function isTakenBack(instance: ObservedInstance, app: DesiredApp): boolean {
  const { rollout, lastRollout, templateHash } = app;
  if (rollout !== undefined || lastRollout?.outcome !== 'failed') return false;
  if (instance.templateHash !== lastRollout.templateHash) return false;
  const isNewer = instance.restartGeneration > restartGenerationOf(app, instance.slot);
  return instance.templateHash !== templateHash || isNewer;
}

function stopAction(
  app: DesiredApp,
  instance: ObservedInstance,
  reason: Reason,
): Extract<Action, { kind: 'stop' }> {
  const { key, slot, nonce } = instance;
  const { revision } = app;
  return {
    kind: 'stop',
    key,
    slot,
    nonce,
    revision,
    reason,
    how: stopOrder(app, isRestartedNow(instance, app) ? 'at-once' : 'orderly'),
  };
}

function adoptAction(app: DesiredApp, { key, slot, nonce }: ObservedInstance): Action {
  return { kind: 'adopt', key, slot, nonce, app, reason: 'Adopted' };
}

function reloadAction(app: DesiredApp, { key, slot, nonce }: ObservedInstance): Action {
  const { count, reason } = app.reload ?? { count: 0, reason: 'ReloadRequested' };
  return { kind: 'reload', key, slot, nonce, app, count, reason };
}

/** Ended processes whose exit is on record, or that left none. */
function forgetActions(app: DesiredApp, slot: Slot, { mode }: AppSlots): readonly Action[] {
  // With `autostart: false`, the last record is what says that the app is under way (see isUnderWay in slots.ts).
  const isKept = mode === 'idle' && slot.holds === 'nothing' && slot.next.kind !== 'never';
  return slot.exited.flatMap((instance): readonly Action[] => {
    if (hasRemains(instance)) return [];
    if (isKept && instance.nonce === slot.history?.lastNonce) return [];
    if (instance.exit !== null && !isOnRecord(slot.recorded, instance.nonce)) return [];
    const { key, nonce } = instance;
    return [{ kind: 'forget', key, slot: slot.slot, nonce, revision: app.revision, reason: 'ExitRecorded' }];
  });
}
