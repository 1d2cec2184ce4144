import type { AppSpec } from '../spec/types.ts';
import { effectiveInstances, isUpToDate, runMode, type RunMode } from './effective.ts';
import { isRunOpen, isScheduled, lastRunOf, servesRun, slotsOfRuns, type LastRun } from './schedule.ts';
import { isOnRecord, recordExit } from './history.ts';
import { isActive, isLive, isReady, readyDeadlineInMs, readyInMs } from './readiness.ts';
import { afterExit, startsAfresh, type NextStart } from './restart-policy.ts';
import type { DesiredApp, InstanceExit, ObservedInstance, SlotHistory } from './types.ts';

/** One slot of a desired app: what is in it, and what is to become of it. */
export interface Slot {
  readonly slot: number;
  /** Below the number of instances that are to run now. */
  readonly wanted: boolean;
  /** The running or starting process that the slot keeps, until it is replaced. */
  readonly current: ObservedInstance | null;
  readonly upToDate: boolean;
  readonly ready: boolean;
  /** Milliseconds after which time alone makes `current` ready, or null. */
  readonly readyInMs: number | null;
  /** Milliseconds until being not ready is a failure of `current`, 0 or less when it is; absent: nothing counts. */
  readonly deadlineInMs?: number;
  /** Further running or starting processes: one slot holds one. */
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
}

export type OccupiedSlot = Slot & { readonly current: ObservedInstance };

/** A desired app slot by slot, lowest first. */
export interface AppSlots {
  readonly app: DesiredApp;
  readonly mode: RunMode;
  /** Instances that are to run now. */
  readonly wanted: number;
  readonly slots: readonly Slot[];
  /** How the last run of a scheduled app ended; null: the app has no schedule. */
  readonly lastRun: LastRun | null;
}

export interface AppTable {
  readonly instances: readonly ObservedInstance[];
  readonly history: readonly SlotHistory[];
}

/** Sorts what was observed of one app into its slots. */
export function classifySlots(app: DesiredApp, table: AppTable, now: number): AppSlots {
  const mode = runMode(app.spec, app.override);
  const recorded = new Map(table.history.map((history) => [history.slot, history]));
  const bySlot = groupBySlot(table.instances);
  if (isScheduled(app.spec)) return classifyRuns(app, { mode, recorded, bySlot }, now);
  const declared = effectiveInstances(app.spec, app.override);
  const classify = (wanted: number): AppSlots => {
    const numbers = new Set([...Array.from({ length: wanted }, (_, slot) => slot), ...bySlot.keys()]);
    const slots = [...numbers]
      .sort((a, b) => a - b)
      .map((slot) =>
        classifySlot(slot, bySlot.get(slot) ?? NONE, {
          app,
          now,
          wanted: slot < wanted,
          recorded: recorded.get(slot),
        }),
      );
    return { app, mode, wanted, slots, lastRun: null };
  };
  if (mode === 'stopped') return classify(0);
  const all = classify(declared);
  return mode === 'running' || all.slots.some(isUnderWay) ? all : classify(0);
}

interface RunsTable {
  readonly mode: RunMode;
  readonly recorded: ReadonlyMap<number, SlotHistory>;
  readonly bySlot: ReadonlyMap<number, readonly ObservedInstance[]>;
}

/** A scheduled app: its slots are wanted for as long as a run is due or going on in them. */
function classifyRuns(app: DesiredApp, { mode, recorded, bySlot }: RunsTable, now: number): AppSlots {
  const numbers = new Set([...slotsOfRuns(app), ...recorded.keys(), ...bySlot.keys()]);
  const slots = [...numbers]
    .sort((a, b) => a - b)
    .map((slot) => {
      const instances = bySlot.get(slot) ?? NONE;
      const wanted =
        mode !== 'stopped' && isRunWanted(app, slot, { instances, recorded: recorded.get(slot) });
      return classifySlot(slot, instances, { app, now, wanted, recorded: recorded.get(slot) });
    });
  const histories = slots.flatMap(({ history }) => (history === undefined ? [] : [history]));
  const wanted = slots.filter((slot) => slot.wanted).length;
  return { app, mode, wanted, slots, lastRun: lastRunOf(histories, app) };
}

function isRunWanted(
  app: DesiredApp,
  slot: number,
  table: { readonly instances: readonly ObservedInstance[]; readonly recorded: SlotHistory | undefined },
): boolean {
  const serving = table.instances.filter((instance) => servesRun(instance, app));
  if (serving.some(isActive)) return true;
  // A process on its way out has served the run, and one that cannot be proven ours may be serving it.
  if (serving.some(isLive)) return false;
  const exited = table.instances.filter((instance) => !isLive(instance));
  return isRunOpen(app, slot, withExits(table.recorded, exited, app.spec));
}

/**
 * Whether an app that is not started by itself is going on nevertheless: a process is there, or one has just ended and
 * another is to follow. The record of the ended one is what tells this from rest; it is kept until the start.
 */
function isUnderWay(slot: Slot): boolean {
  if (!slot.wanted) return false;
  if (slot.current !== null || slot.stopping.length > 0) return true;
  return slot.exited.length > 0 && slot.next?.kind !== 'never';
}

interface SlotContext {
  readonly app: DesiredApp;
  readonly now: number;
  readonly wanted: boolean;
  readonly recorded: SlotHistory | undefined;
}

function classifySlot(slot: number, instances: readonly ObservedInstance[], context: SlotContext): Slot {
  const { app, now, wanted, recorded } = context;
  const { active, stopping, unverified, exited } = sortByState(instances, app);
  const [current = null] = active;
  const history = exited.length === 0 ? recorded : withExits(recorded, exited, app.spec);
  const deadlineInMs = current === null ? undefined : readyDeadlineInMs(current, app.spec);
  return {
    slot,
    wanted,
    current,
    upToDate: current !== null && isUpToDate(current, app),
    ready: current !== null && isReady(current, app.spec),
    readyInMs: current === null ? null : readyInMs(current, app.spec),
    ...(deadlineInMs !== undefined && { deadlineInMs }),
    surplus: active.length > 1 ? active.slice(1) : NONE,
    stopping,
    unverified,
    exited,
    recorded,
    history,
    next: wanted && current === null ? nextStart(exited, history, { app, now }) : null,
  };
}

/** Most lists of a slot are empty: they are this one, so that a large host is planned without making millions. */
const NONE: readonly ObservedInstance[] = [];

function sortByState(instances: readonly ObservedInstance[], app: DesiredApp) {
  const pick = (
    has: (instance: ObservedInstance) => boolean,
    compare: (a: ObservedInstance, b: ObservedInstance) => number,
  ): readonly ObservedInstance[] => (instances.some(has) ? instances.filter(has).sort(compare) : NONE);
  return {
    active: pick(isActive, (a, b) => compareForKeeping(a, b, app)),
    stopping: pick(({ state }) => state === 'stopping', byNonce),
    unverified: pick(({ state }) => state === 'unverified', byNonce),
    exited: pick((instance) => !isLive(instance), byNonce),
  };
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

/** The process to keep comes first: what is declared, then the newest, then what is ready, then any fixed order. */
function compareForKeeping(a: ObservedInstance, b: ObservedInstance, app: DesiredApp): number {
  return (
    Number(isUpToDate(b, app)) - Number(isUpToDate(a, app)) ||
    b.restartGeneration - a.restartGeneration ||
    b.generation - a.generation ||
    Number(isReady(b, app.spec)) - Number(isReady(a, app.spec)) ||
    b.startedAt - a.startedAt ||
    byNonce(a, b)
  );
}

/**
 * An exit that is on the table and not on record yet counts all the same, or a crash would be followed by a start
 * without its back-off. The longest jitter stands in for the one that is drawn when the exit is recorded.
 */
function withExits(
  recorded: SlotHistory | undefined,
  exited: readonly ObservedInstance[],
  spec: AppSpec,
): SlotHistory | undefined {
  const fresh = exited
    .flatMap((instance) => (instance.exit === null ? [] : [{ instance, exit: instance.exit }]))
    .filter(({ instance }) => !isOnRecord(recorded, instance.nonce))
    .sort((a, b) => byTime(a.exit, b.exit) || byNonce(a.instance, b.instance));
  return fresh.reduce<SlotHistory | undefined>(
    (history, { instance, exit }) =>
      recordExit(history, exit, { ...exitIdentity(instance), jitter: 1, spec }),
    recorded,
  );
}

function exitIdentity({ slot, nonce, templateHash, restartGeneration, generation }: ObservedInstance) {
  return { slot, nonce, templateHash, restartGeneration, generation };
}

function groupBySlot(
  instances: readonly ObservedInstance[],
): ReadonlyMap<number, readonly ObservedInstance[]> {
  const groups = new Map<number, ObservedInstance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.slot);
    if (group === undefined) groups.set(instance.slot, [instance]);
    else group.push(instance);
  }
  return groups;
}

function byTime(a: InstanceExit, b: InstanceExit): number {
  return a.at - b.at;
}

/** A fixed order for what is otherwise equal, so that the order of the input shows nowhere. */
export function byNonce(a: { readonly nonce: string }, b: { readonly nonce: string }): number {
  return a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0;
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

/** A scheduled app between two runs. */
export function waitsForSchedule({ lastRun, mode, slots }: AppSlots): boolean {
  if (lastRun === null || mode !== 'running') return false;
  return slots.every(({ wanted, current, stopping }) => !wanted && current === null && stopping.length === 0);
}

/** The processes of a slot that run or start, the one to keep first. */
export function activeInstances(slot: Slot): readonly ObservedInstance[] {
  return slot.current === null ? [] : [slot.current, ...slot.surplus];
}
