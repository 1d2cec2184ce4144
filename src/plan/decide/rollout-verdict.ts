import type { AppKey } from '../../lib/app-key.ts';
import { formatDuration, formatSpan } from '../../lib/units.ts';
import { isFromOutside } from '../slots/exits.ts';
import { isActive, readyForMs } from '../slots/readiness.ts';
import { exitReason } from '../slots/exits.ts';
import { afterExit, startsAfresh } from '../slots/restart-policy.ts';
import type { Occupant } from '../slots/occupant.ts';
import { hasDeclared, hasOutdated, isCompleted, type Slot, type WantedSlot } from '../slots/slot.ts';
import { wantedSlots, type AppSlots } from '../slots/slots.ts';
import { isInRollout, saysUnfit, unfitnessOf } from '../slots/unfit.ts';
import { failedJob } from './failed-jobs.ts';
import type { Reason } from '../model/reasons.ts';
import { fallbackOf, hasFailed } from '../model/rollout.ts';
import { awaitsPreStart, isUpToDate } from '../slots/effective.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { InstanceExit, ObservedInstance } from '../model/observed.ts';
import type { FailedVerdict, RolloutFailure, RolloutState, RolloutVerdict } from '../model/rollout.ts';

/**
 * What has become of the rollout of an app; null: there is none, or it goes on.
 *
 *   under way ──every wanted slot runs the version, available, and nothing else is left──▶ completed
 *       └──an exit, a deadline, and there is a version to go back to──▶ failed
 *
 * The first failure counts: a version that crashes once gets no second chance at the cost of one that works.
 */
export function assessRollout(
  appSlots: AppSlots,
  now: number,
  slotsOf: (key: AppKey) => AppSlots | undefined = () => undefined,
): RolloutVerdict | null {
  const { rollout } = appSlots.app;
  if (rollout === undefined || hasFailed(rollout)) return null;
  const scene = { appSlots, rollout, now };
  if (isComplete(scene)) return { kind: 'completed' };
  return findFailure(scene, slotsOf);
}

/** Milliseconds until time alone ends a rollout that goes on, or null. */
export function rolloutEndsInMs(appSlots: AppSlots, now: number): number | null {
  const { rollout } = appSlots.app;
  if (rollout === undefined || hasFailed(rollout)) return null;
  const scene = { appSlots, rollout, now };
  if (!canFail(scene.appSlots.app, outdatedOf(scene.appSlots))) return null;
  const waits = [
    ...wantedSlots(appSlots).map((slot) => overdueInMs(slot, scene)),
    deadlineInMs(scene),
  ].filter((wait) => wait !== null);
  const ahead = waits.filter((wait) => wait > 0);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

/** A restart that a trigger asks for, as far as it matters here. */
export interface AskedRestart {
  /** null: of all slots. */
  readonly slot: number | null;
  readonly reason: Reason;
  /** One line for people. */
  readonly detail: string;
}

/**
 * Whether a restart means that the version under rollout has failed; null: it does not, or the failure would lead
 * nowhere.
 */
export function assessRestart(
  app: DesiredApp,
  { slot, reason, detail }: AskedRestart,
  instances: readonly ObservedInstance[],
): FailedVerdict | null {
  const { rollout } = app;
  if (slot === null || !saysUnfit(reason) || hasFailed(rollout)) return null;
  if (rollout === undefined || rollout.previous === null || !isInRollout(slot, rollout.previous, app))
    return null;
  const active = instances.filter(isActive);
  if (
    !canFail(
      app,
      active.filter((instance) => !isUpToDate(instance, app)),
    )
  )
    return null;
  const unfit = active.find((instance) => instance.slot === slot && isUpToDate(instance, app));
  const failure = { reason, message: `slot ${slot}: ${detail}`, slot };
  return { kind: 'failed', failure, nonce: unfit?.nonce ?? null };
}

interface Scene {
  readonly appSlots: AppSlots;
  readonly rollout: RolloutState;
  readonly now: number;
}

/**
 * A job proves itself with its runs, and an app that is declared without instances or is not started by itself has none
 * that could prove anything: their rollouts have nothing to wait for. An app that an operator stops or scales to zero in
 * the middle of a rollout has proven nothing: its rollout goes on when it is started again.
 */
function isComplete({ appSlots, rollout }: Scene): boolean {
  const { app, mode, wanted, lastRun } = appSlots;
  if (lastRun !== null) return true;
  if (wanted === 0) return mode === 'idle' || (mode === 'running' && app.override?.instances !== 0);
  // A first version replaces nothing. The apply that waits for it is done when it is ready, and so is its rollout.
  const hasProven = ({ ready, available }: Occupant): boolean =>
    rollout.previous === null ? ready : available;
  return wantedSlots(appSlots).every((slot) => {
    if (slot.surplus.length > 0 || slot.stopping.length > 0) return false;
    if (slot.holds !== 'declared') return isCompleted(slot);
    return hasProven(slot.declared) && slot.unverified.length === 0;
  });
}

/**
 * Whether a failure leads anywhere: there is a version to go back to, and the spec says to. Before a mere restart that
 * version is the same program, so going back helps only while an old process is there to keep. The same goes for what is
 * not restarted by itself: the old version of a migration must not run again. An unfit process is not worth keeping.
 */
function canFail(app: DesiredApp, outdated: readonly ObservedInstance[]): boolean {
  const fallback = fallbackOf(app.rollout, app.spec);
  if (fallback === null) return false;
  const isWorthStarting = app.spec.autorestart && fallback.templateHash !== app.templateHash;
  return isWorthStarting || outdated.some((instance) => unfitnessOf(instance, app) === undefined);
}

function outdatedOf(appSlots: AppSlots): readonly ObservedInstance[] {
  return appSlots.slots.filter(hasOutdated).map(({ outdated }) => outdated.instance);
}

function findFailure(scene: Scene, slotsOf: (key: AppKey) => AppSlots | undefined): FailedVerdict | null {
  if (!canFail(scene.appSlots.app, outdatedOf(scene.appSlots))) return null;
  const { previous } = scene.rollout;
  const { app } = scene.appSlots;
  const slots = wantedSlots(scene.appSlots).filter(
    ({ slot }) => previous !== null && isInRollout(slot, previous, app),
  );
  for (const slot of slots) {
    const exit = failedExit(slot, scene);
    if (exit === null) continue;
    const failure = { ...describeFailedExit(exit, slot.slot), slot: slot.slot };
    return { kind: 'failed', failure, nonce: slot.history?.lastNonce ?? null };
  }
  for (const slot of slots) {
    if (!hasDeclared(slot) || (overdueInMs(slot, scene) ?? 1) > 0) continue;
    const { listen_timeout } = app.spec;
    const { nonce, notReady } = slot.declared.instance;
    const waitedMs = Math.max(listen_timeout, notReady?.asksForMs ?? 0);
    const because = notReady?.because ?? 'no answer';
    const message = `slot ${slot.slot} was not ready within ${formatDuration(waitedMs)}: ${because}`;
    return { kind: 'failed', failure: { reason: 'ReadyTimeout', message, slot: slot.slot }, nonce };
  }
  const job = failedJob(app, slotsOf);
  if (job !== null) return job;
  if ((deadlineInMs(scene) ?? 1) > 0) return null;
  const { deadline } = app.spec.rollout;
  const message = `no progress for ${formatDuration(deadline ?? 0)}`;
  const waitedFor = slots.filter(hasDeclared).find(({ declared }) => !declared.available);
  const failure = { reason: 'RolloutDeadline', message, slot: null } as const;
  return { kind: 'failed', failure, nonce: waitedFor?.declared.instance.nonce ?? null };
}

/**
 * An exit of the declared version that nobody asked for and that is not a good end. It counts even after the process was
 * available. An exit from before this rollout does not: whoever applies a failed version again may have mended it.
 */
function failedExit({ history }: Slot, { appSlots, now }: Scene): InstanceExit | null {
  const exit = history?.lastExit ?? null;
  if (exit === null || exit.requested || isFromOutside(exit) || startsAfresh(history, appSlots.app))
    return null;
  const next = afterExit(history, appSlots.app, now);
  return next.kind === 'never' && next.outcome === 'Completed' ? null : exit;
}

function describeFailedExit(exit: InstanceExit, slot: number): Omit<RolloutFailure, 'slot'> {
  const reason = exitReason(exit);
  if (exit.error !== null) return { reason, message: `slot ${slot} could not be started: ${exit.error}` };
  const after = `after ${formatSpan(exit.upMs)}`;
  if (exit.signal !== null) return { reason, message: `slot ${slot} was ended by ${exit.signal} ${after}` };
  const code = exit.code === null ? 'exited, exit code unknown,' : `exited with code ${exit.code}`;
  return { reason, message: `slot ${slot} ${code} ${after}` };
}

/** Like `deadlineInMs` of the declared process, but time before this rollout began does not count. */
function overdueInMs(slot: WantedSlot, { appSlots, rollout, now }: Scene): number | null {
  const deadlineInMs = hasDeclared(slot) ? slot.declared.deadlineInMs : null;
  if (deadlineInMs === null) return null;
  return Math.max(deadlineInMs, rollout.startedAt + appSlots.app.spec.listen_timeout - now);
}

/**
 * Milliseconds until the rollout has made no progress for its `deadline`. Nobody expects progress while it is paused,
 * before the app has any process, or while its pre_start hook runs, which has a time of its own.
 */
function deadlineInMs({ appSlots, rollout, now }: Scene): number | null {
  const { deadline } = appSlots.app.spec.rollout;
  const slots = wantedSlots(appSlots);
  if (
    deadline === null ||
    rollout.paused !== null ||
    awaitsPreStart(appSlots.app) ||
    slots.every(({ holds }) => holds === 'nothing')
  ) {
    return null;
  }
  const began = Math.max(rollout.startedAt, appSlots.app.preStart?.at ?? 0);
  const progress = Math.max(began, ...slots.map((slot) => lastProgress(slot, { appSlots, now })));
  return Math.ceil(Math.min(progress, now) + deadline - now);
}

/** Epoch milliseconds of the last step towards what is declared: a requested end, a start, or being available. */
function lastProgress(slot: WantedSlot, { appSlots, now }: Pick<Scene, 'appSlots' | 'now'>): number {
  const { spec } = appSlots.app;
  const exit = slot.history?.lastExit;
  const ended = exit?.requested === true ? exit.at : 0;
  if (!hasDeclared(slot)) return ended;
  const { instance, available } = slot.declared;
  const started = now - instance.upMs;
  const proven = available ? now - readyForMs(instance, spec) + spec.rollout.min_ready : 0;
  return Math.max(ended, started, proven);
}
