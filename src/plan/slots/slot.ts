import type { AppSpec } from '../../spec/types.ts';
import { isUpToDate, specFor, startable } from './effective.ts';
import { wasAskedFor } from './exits.ts';
import { byNonce } from '../model/order.ts';
import {
  availableInMs,
  isActive,
  isAvailable,
  isLive,
  isReady,
  readyDeadlineInMs,
  readyInMs,
} from './readiness.ts';
import { afterExit, afterUnfit, startsAfresh, type NextStart } from './restart-policy.ts';
import { isScheduled } from './schedule.ts';
import { withExits } from './slot-history.ts';
import type { DesiredApp, ObservedInstance, SlotHistory } from '../model/types.ts';
import { unfitnessOf } from './unfit.ts';

/**
 * One slot of a desired app: what is in it, and what is to become of it. It holds one process, or two while the second
 * proves itself: the declared one is `current` then, and the one that it is to replace is `outgoing`.
 */
export interface Slot {
  readonly slot: number;
  /** Below the number of instances that are to run now. */
  readonly wanted: boolean;
  /** The running or starting process that the slot keeps: what is declared if there is one, else what is outdated. */
  readonly current: ObservedInstance | null;
  /** Of `current`, as are all four that follow. */
  readonly upToDate: boolean;
  readonly ready: boolean;
  /** Ready for `rollout.min_ready` without a break. */
  readonly available: boolean;
  /** Milliseconds after which time alone makes it ready, or null. */
  readonly readyInMs: number | null;
  /** Milliseconds after which time alone makes it available, or null. */
  readonly availableInMs: number | null;
  /** Milliseconds until being not ready is a failure of `current`, 0 or less when it is; absent: nothing counts. */
  readonly deadlineInMs?: number;
  /** The outdated process that goes on serving beside an up-to-date `current`. */
  readonly outgoing: ObservedInstance | null;
  /** Either of the two is ready. */
  readonly serving: boolean;
  /** Further running or starting processes. */
  readonly surplus: readonly ObservedInstance[];
  readonly stopping: readonly ObservedInstance[];
  readonly unverified: readonly ObservedInstance[];
  readonly exited: readonly ObservedInstance[];
  /** What is on record. */
  readonly recorded: SlotHistory | undefined;
  /** What is on record, and the exits that are on the table only. */
  readonly history: SlotHistory | undefined;
  /** Set when the slot is wanted and has no `current`: what happens once nothing else is in it. */
  readonly next: NextStart | null;
  /** Set when the slot is wanted and `current` is outdated: when a process of the declared version may start. */
  readonly successor: NextStart | null;
}

export type OccupiedSlot = Slot & { readonly current: ObservedInstance };

export interface SlotContext {
  readonly app: DesiredApp;
  readonly now: number;
  readonly wanted: boolean;
  readonly recorded: SlotHistory | undefined;
  /** Whether a process is not to be replaced. */
  readonly isDeclared: (instance: ObservedInstance) => boolean;
}

export function classifySlot(
  slot: number,
  instances: readonly ObservedInstance[],
  context: SlotContext,
): Slot {
  const { app, now, wanted, recorded, isDeclared } = context;
  const { current, outgoing, surplus } = keep(pick(instances, isActive, byNonce), { app, isDeclared });
  const exited = pick(instances, (instance) => !isLive(instance), byNonce);
  const history = exited.length === 0 ? recorded : withExits(recorded, exited, app);
  const spec = current === null ? app.spec : specFor(current, app);
  const deadlineInMs = current === null ? undefined : readyDeadlineInMs(current, spec);
  const upToDate = current !== null && isDeclared(current);
  const ready = current !== null && isReady(current, spec);
  const isEmpty = current === null;
  const newest = isOlder(history, current) ? undefined : history;
  const nextOf = (version: DesiredApp): NextStart => nextStart(exited, newest, { app: version, now });
  const follows = !wanted || upToDate ? null : isEmpty ? nextOf(startable(app)) : nextOf(app);
  const unfit = current === null ? undefined : unfitnessOf(current, app);
  const unfitSuccessor =
    current !== null && unfit !== undefined && follows?.kind === 'now'
      ? afterUnfit(history, current, { app, unfit, now })
      : null;
  return {
    slot,
    wanted,
    current,
    upToDate,
    ready,
    available: current !== null && isAvailable(current, spec),
    readyInMs: current === null ? null : readyInMs(current, spec),
    availableInMs: current === null ? null : availableInMs(current, spec),
    ...(deadlineInMs !== undefined && { deadlineInMs }),
    outgoing,
    serving: ready || (outgoing !== null && isReady(outgoing, specFor(outgoing, app))),
    surplus,
    stopping: pick(instances, ({ state }) => state === 'stopping', byNonce),
    unverified: pick(instances, ({ state }) => state === 'unverified', byNonce),
    exited,
    recorded,
    history,
    next: isEmpty ? follows : null,
    successor: isEmpty ? null : (unfitSuccessor ?? follows),
  };
}

/** Most lists of a slot are empty: they are this one, so that a large host is planned without making millions. */
export const NONE: readonly ObservedInstance[] = [];

type Order = (a: ObservedInstance, b: ObservedInstance) => number;

function pick(
  instances: readonly ObservedInstance[],
  has: (instance: ObservedInstance) => boolean,
  order: Order,
): readonly ObservedInstance[] {
  return instances.some(has) ? instances.filter(has).sort(order) : NONE;
}

type Occupants = Pick<Slot, 'current' | 'outgoing' | 'surplus'>;

/** Which of the active processes of a slot stay. A job has no second one: what it did before is over. */
function keep(
  active: readonly ObservedInstance[],
  { app, isDeclared }: Pick<SlotContext, 'app' | 'isDeclared'>,
): Occupants {
  if (active.length < 2) return { current: active[0] ?? null, outgoing: null, surplus: NONE };
  const declared = pick(active, isDeclared, (a, b) => compareDeclared(a, b, app.spec));
  const outdated = pick(
    active,
    (instance) => !isDeclared(instance),
    (a, b) => compareOutdated(a, b, app),
  );
  const [current = null] = [...declared, ...outdated];
  const outgoing = declared.length > 0 && !isScheduled(app.spec) ? (outdated[0] ?? null) : null;
  const surplus = [...declared, ...outdated].filter((it) => it !== current && it !== outgoing);
  return { current, outgoing, surplus };
}

/** Of several up-to-date processes the newest is kept, then what is ready, then any fixed order. */
function compareDeclared(a: ObservedInstance, b: ObservedInstance, spec: AppSpec): number {
  return (
    b.generation - a.generation ||
    Number(isReady(b, spec)) - Number(isReady(a, spec)) ||
    b.startedAt - a.startedAt ||
    byNonce(a, b)
  );
}

/** Of several outdated ones what serves, then the version that has proven itself last, then the oldest. */
function compareOutdated(a: ObservedInstance, b: ObservedInstance, app: DesiredApp): number {
  const previous = app.rollout?.previous ?? null;
  const isProven = (it: ObservedInstance): boolean => previous !== null && isUpToDate(it, previous);
  return (
    usefulness(b, app) - usefulness(a, app) ||
    Number(isProven(b)) - Number(isProven(a)) ||
    a.startedAt - b.startedAt ||
    byNonce(a, b)
  );
}

function usefulness(instance: ObservedInstance, app: DesiredApp): number {
  if (isReady(instance, specFor(instance, app))) return 2;
  return instance.notReady?.undecided === true ? 1 : 0;
}

function nextStart(
  exited: readonly ObservedInstance[],
  history: SlotHistory | undefined,
  { app, now }: Pick<SlotContext, 'app' | 'now'>,
): NextStart {
  if (isScheduled(app.spec)) return { kind: 'now', reason: app.lastRestart?.reason ?? 'ScheduledRun' };
  const last = exited.find(({ nonce }) => nonce === history?.lastNonce);
  // The table still knows what the process ran, which the history does not.
  if (last !== undefined && startsAfresh(history, app) && last.templateHash !== app.templateHash) {
    return { kind: 'now', reason: 'TemplateChanged' };
  }
  return afterExit(history, app, now);
}

/** Whether what is on record ended before the process of the slot began: it says nothing of what comes after that one. */
export function isOlder(history: SlotHistory | undefined, current: ObservedInstance | null): boolean {
  return current !== null && (history?.lastGeneration ?? Infinity) < current.generation;
}

/** Runs what is declared and has not become ready by `listen_timeout`. */
export function isOverdue({ current, upToDate, deadlineInMs }: Slot): boolean {
  return current !== null && upToDate && deadlineInMs !== undefined && deadlineInMs <= 0;
}

/** Ended on purpose, and to stay so: nothing waits for it any more, neither dependents nor a rollout. */
export function isCompleted(slot: Slot): boolean {
  const { current, stopping, next } = slot;
  return current === null && stopping.length === 0 && next?.kind === 'never' && next.outcome === 'Completed';
}

/** Ended badly, and to stay down until a person acts. */
export function isGivenUp({ wanted, current, stopping, next }: Slot): boolean {
  const isEmpty = current === null && stopping.length === 0;
  return wanted && isEmpty && next?.kind === 'never' && next.outcome === 'Failed';
}

/**
 * A slot that is down because of how its process ended, or not up again yet: what a person who asks for the app anew
 * wants to be started as if it had not.
 */
export function isDownByItself(slot: Slot, app: DesiredApp): boolean {
  const exit = slot.history?.lastExit ?? null;
  if (!slot.wanted || slot.serving || exit === null || isCompleted(slot)) return false;
  return !wasAskedFor(exit) && !startsAfresh(slot.history, app);
}

/** The process of a slot that is to be replaced, or that has been and is still there. */
export function outdatedIn({ current, upToDate, outgoing }: Slot): ObservedInstance | null {
  return upToDate ? outgoing : current;
}

/** The processes of a slot that run or start, the one to keep first. */
export function activeInstances({ current, outgoing, surplus }: Slot): readonly ObservedInstance[] {
  return [...(current === null ? [] : [current]), ...(outgoing === null ? [] : [outgoing]), ...surplus];
}
