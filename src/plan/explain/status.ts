import { describeConditions, type HealthInput } from './conditions.ts';
import { rolloutBounds } from '../decide/bounds.ts';
import { isFromOutside } from '../slots/exits.ts';
import { startsAfresh } from '../slots/restart-policy.ts';
import { losesLog } from './promises.ts';
import { awaitsPreStart } from '../slots/effective.ts';
import { isOverdue } from '../slots/occupant.ts';
import {
  activeInstances,
  hasDeclared,
  isCompleted,
  isGivenUp,
  isServing,
  isWanted,
  type Slot,
  type WantedSlot,
} from '../slots/slot.ts';
import { waitsForSchedule, wantedSlots } from '../slots/slots.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { AppHealth, HealthStatus, SyncStatus } from '../model/health.ts';
import { countTouches } from '../decide/work.ts';

/** Exits in a row without health in between that make a crash loop. */
const CRASH_LOOP_ATTEMPTS = 3;

/**
 * The health of one desired app. `converged` is true when nothing is left to do and what was asked for is there: sync is
 * Synced and health is Healthy, Completed or Stopped. A failed app is OutOfSync although the loop leaves it alone: the
 * next apply starts it. One that serves but has lost its log has converged and is Degraded.
 *
 * While the runner does not answer, health is that of the last known table with what probes find now, and Degraded at
 * best where the runner is there and silent: what ends is not started again.
 */
export function assess(input: HealthInput): AppHealth {
  const { app, appSlots, reachable } = input;
  const sync = assessSync(input);
  const serves = assessHealth(input);
  const settled =
    waitsForSchedule(appSlots) || serves === 'Healthy' || serves === 'Completed' || serves === 'Stopped';
  // It serves, but nobody will be able to read its log, or nobody looks after it: nothing is left to do, and yet it is
  // not well.
  const isLeftAlone = losesLog(appSlots) || (input.silence ?? null) !== null;
  const health = serves === 'Healthy' && isLeftAlone ? 'Degraded' : serves;
  const axes = {
    key: app.key,
    sync,
    health,
    desiredInstances: appSlots.wanted,
    readyInstances: appSlots.slots.filter(isServing).length,
    converged: reachable && sync === 'Synced' && settled,
  };
  return { ...axes, conditions: describeConditions(axes, input) };
}

/**
 * Unknown: not all processes are known. OutOfSync: a process is to be started, replaced, stopped or taken over, now or
 * later, or is stopping; or a declared one is down for good or keeps crashing. Else Synced.
 */
function assessSync({ app, reachable, appSlots, work }: HealthInput): SyncStatus {
  if (!reachable || appSlots.slots.some(({ unverified }) => unverified.length > 0)) return 'Unknown';
  const isOff = appSlots.slots.some(
    (slot) => slot.stopping.length > 0 || isGivenUp(slot) || (!isServing(slot) && isCrashLooping(slot, app)),
  );
  const isLeft = countTouches(work) > 0 || work.adopt.length > 0 || app.reload !== undefined;
  return isOff || isLeft ? 'OutOfSync' : 'Synced';
}

/**
 * How well the app serves, in whatever version. While versions change it is Progressing as long as nothing is wrong, and
 * Suspended while the change waits for a person and enough instances serve.
 */
function assessHealth(input: HealthInput): HealthStatus {
  const { app, reachable, appSlots } = input;
  if (waitsForSchedule(appSlots)) return appSlots.lastRun === 'failed' ? 'Degraded' : 'Completed';
  const wanted = wantedSlots(appSlots);
  if (wanted.length === 0) return appSlots.slots.some(hasProcess) ? 'Progressing' : 'Stopped';
  const down = wanted.filter((slot) => !isServing(slot) && !isCompleted(slot));
  const someReady = wanted.some(isServing);
  const isPaused = app.rollout !== undefined && app.rollout.paused !== null && input.verdict === null;
  if (isPaused && someReady && down.length <= rolloutBounds(app).maxUnavailable) return 'Suspended';
  if (down.length === 0) {
    if (isChanging(input)) return 'Progressing';
    return wanted.every(isCompleted) ? 'Completed' : 'Healthy';
  }
  const isClosed = app.preStart?.state === 'failed' && awaitsPreStart(app);
  const failed = isClosed || down.some((slot) => hasFailed(slot, app));
  if (failed && !someReady) return 'Failed';
  if (down.some((slot) => isCrashLooping(slot, app))) return 'CrashLoop';
  if (someReady && (failed || down.some((slot) => hasExited(slot, app) || isUnverified(slot))))
    return 'Degraded';
  const noneComing = down.every((slot) => isUnverified(slot) || (!reachable && !hasProcess(slot)));
  return noneComing && !someReady ? 'Missing' : 'Progressing';
}

/**
 * Something is to be replaced, or a new version has not proven itself yet. The first version of an app is well as soon as
 * it is ready.
 */
function isChanging({ app, work, verdict }: HealthInput): boolean {
  if (work.replace.length > 0 || app.reload !== undefined) return true;
  return app.rollout !== undefined && app.rollout.previous !== null && verdict?.kind !== 'completed';
}

function hasProcess(slot: Slot): boolean {
  return activeInstances(slot).length > 0 || slot.stopping.length > 0;
}

function isUnverified({ holds, unverified }: WantedSlot): boolean {
  return holds === 'nothing' && unverified.length > 0;
}

/** Stays down, could not be started the last time, or is not ready in time. */
function hasFailed(slot: WantedSlot, app: DesiredApp): boolean {
  if (hasProcess(slot)) return hasDeclared(slot) && isOverdue(slot.declared);
  if (slot.holds === 'nothing' && slot.next.kind === 'never') return slot.next.outcome === 'Failed';
  return !startsAfresh(slot.history, app) && slot.history?.lastExit?.error != null;
}

/** The process before this one ended by itself, and nobody has acted since. */
function hasExited(slot: WantedSlot, app: DesiredApp): boolean {
  const exit = slot.history?.lastExit ?? null;
  return exit !== null && !startsAfresh(slot.history, app) && !isFromOutside(exit);
}

/** Ends again and again by itself, and is to run again: what has stopped on purpose in the end does not. */
function isCrashLooping(slot: Slot, app: DesiredApp): boolean {
  return (
    isWanted(slot) &&
    hasExited(slot, app) &&
    !hasFailed(slot, app) &&
    !isCompleted(slot) &&
    (slot.history?.attempt ?? 0) >= CRASH_LOOP_ATTEMPTS
  );
}
