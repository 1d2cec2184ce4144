import { groupBy } from '../../lib/collections.ts';
import { effectiveInstances, isUpToDate, runMode, type RunMode } from './effective.ts';
import { isActive, hasEnded } from './readiness.ts';
import { isRunOpen, isScheduled, lastRunOf, servesRun, slotsOfRuns, type LastRun } from './schedule.ts';
import { classifySlot } from './classify-slot.ts';
import { NONE } from './keep.ts';
import { activeInstances, hasOutdated, isWanted, type Slot, type WantedSlot } from './slot.ts';
import { withExits } from './slot-history.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../model/observed.ts';

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
  const bySlot = groupBy(table.instances, ({ slot }) => slot);
  if (isScheduled(app.spec)) return classifyRuns(app, { mode, recorded, bySlot }, now);
  const declared = effectiveInstances(app.spec, app.override);
  const isDeclared = declaredTest(app, table.instances, declared);
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
          isDeclared,
        }),
      );
    return { app, mode, wanted, slots, lastRun: null };
  };
  if (mode === 'stopped') return classify(0);
  const all = classify(declared);
  return mode === 'running' || all.slots.some(isUnderWay) ? all : classify(0);
}

/**
 * Whether a process need not be replaced. Processes on lost sockets are replaced together: while one has the address,
 * the successor of another cannot listen.
 */
function declaredTest(
  app: DesiredApp,
  instances: readonly ObservedInstance[],
  wanted: number,
): (instance: ObservedInstance) => boolean {
  const oneGoes = instances.some(
    (it) => it.socketsLost === true && isActive(it) && it.slot < wanted && !isUpToDate(it, app),
  );
  return (instance) => isUpToDate(instance, app) && !(oneGoes && instance.socketsLost === true);
}

interface RunsTable {
  readonly mode: RunMode;
  readonly recorded: ReadonlyMap<number, SlotHistory>;
  readonly bySlot: ReadonlyMap<number, readonly ObservedInstance[]>;
}

/** A scheduled app: its slots are wanted for as long as a run is due or going on in them. */
function classifyRuns(app: DesiredApp, { mode, recorded, bySlot }: RunsTable, now: number): AppSlots {
  const numbers = new Set([...slotsOfRuns(app), ...recorded.keys(), ...bySlot.keys()]);
  const isDeclared = (instance: ObservedInstance): boolean => isUpToDate(instance, app);
  const slots = [...numbers]
    .sort((a, b) => a - b)
    .map((slot) => {
      const instances = bySlot.get(slot) ?? NONE;
      const wanted =
        mode !== 'stopped' && isRunWanted(app, slot, { instances, recorded: recorded.get(slot) });
      return classifySlot(slot, instances, { app, now, wanted, recorded: recorded.get(slot), isDeclared });
    });
  const histories = slots.flatMap(({ history }) => (history === undefined ? [] : [history]));
  const wanted = slots.filter(isWanted).length;
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
  if (serving.some((instance) => !hasEnded(instance))) return false;
  const exited = table.instances.filter(hasEnded);
  return isRunOpen(app, slot, withExits(table.recorded, exited, app));
}

/**
 * Whether an app with `autostart: false` is going on all the same: a process is there, or one has just ended and another
 * will follow. Only the record of the ended one tells this from rest, so it is kept until the start.
 */
function isUnderWay(slot: Slot): boolean {
  if (slot.holds === 'unwanted') return false;
  if (slot.holds !== 'nothing' || slot.stopping.length > 0) return true;
  return slot.exited.length > 0 && slot.next.kind !== 'never';
}

/** A scheduled app between two runs. */
export function waitsForSchedule({ lastRun, mode, slots }: AppSlots): boolean {
  if (lastRun === null || mode !== 'running') return false;
  return slots.every((slot) => !isWanted(slot) && slot.surplus.length === 0 && slot.stopping.length === 0);
}

/** The slots that are to hold a process now, lowest first. */
export function wantedSlots({ slots }: AppSlots): readonly WantedSlot[] {
  return slots.filter(isWanted);
}

/** Processes of the app that count against its number of instances. */
export function countLive({ slots }: AppSlots): number {
  return slots.reduce((sum, slot) => sum + countIn(slot), 0);
}

/** Of those the ones beyond one for each wanted slot: what a surge may add to is this. */
export function countExtra({ slots }: AppSlots): number {
  return slots.reduce((sum, slot) => sum + Math.max(0, countIn(slot) - (isWanted(slot) ? 1 : 0)), 0);
}

function countIn(slot: Slot): number {
  return activeInstances(slot).length + slot.stopping.length + (isWanted(slot) ? slot.unverified.length : 0);
}

/** Whether a version is about to take the place of another: being available is waited for then. */
export function isRolling({ app, slots }: AppSlots): boolean {
  return app.rollout !== undefined || slots.some(hasOutdated);
}
