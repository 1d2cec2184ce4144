import {
  activeInstances,
  hasDeclared,
  hasOutdated,
  type EmptySlot,
  type OutdatedSlot,
  type PairSlot,
  type Slot,
} from '../slots/slot.ts';
import type { AppSlots } from '../slots/slots.ts';
import type { DesiredApp } from '../model/desired.ts';
import { planReload } from './reload.ts';
import type { ObservedInstance } from '../model/observed.ts';

/**
 * All work that an app needs, whether or not its turn has come: this is what a plan counts. When nothing is left here, no
 * later plan of the same specs touches a process either, unless something happens to it.
 */
export interface AppWork {
  /** Empty slots that get a process, back-offs and unmet dependencies included. */
  readonly start: readonly EmptySlot[];
  /**
   * Slots with an outdated process, to be replaced or with its successor already beside it. A replacement counts once:
   * the process that goes and the one that comes are one touch.
   */
  readonly replace: readonly (OutdatedSlot | PairSlot)[];
  /** Processes that have no place: in a slot that is not wanted, or second in one that is. Highest slot first. */
  readonly stop: readonly ObservedInstance[];
  /** Processes that are to read their settings again; they stay. */
  readonly reload: readonly ObservedInstance[];
  /** Processes that run what is declared and are to be taken into the present generation. */
  readonly adopt: readonly ObservedInstance[];
}

export function pendingWork(app: DesiredApp, appSlots: AppSlots): AppWork {
  const { slots } = appSlots;
  return {
    reload: app.reload === undefined ? [] : planReload(appSlots).due,
    start: slots.filter(isToStart),
    replace: slots.filter(hasOutdated),
    stop: slots.flatMap(({ surplus }) => surplus).reverse(),
    adopt: slots.flatMap((slot) =>
      hasDeclared(slot) && isToAdopt(slot.declared.instance, app) ? [slot.declared.instance] : [],
    ),
  };
}

/** Processes that are started, replaced or stopped; of a pair only the outdated one. */
export function countTouches({ start, replace, stop }: Omit<AppWork, 'adopt' | 'reload'>): number {
  return start.length + replace.length + stop.length;
}

/**
 * Running processes that the work leaves alone; of a pair, the declared one. A process that is already stopping is not
 * counted.
 */
export function countUntouched(work: AppWork, { slots }: AppSlots): number {
  const live = slots.reduce((sum, slot) => sum + activeInstances(slot).length + slot.unverified.length, 0);
  return live - work.replace.length - work.stop.length;
}

function isToStart(slot: Slot): slot is EmptySlot {
  if (slot.holds !== 'nothing' || slot.unverified.length > 0) return false;
  // A stop that was asked for is followed by a start.
  return slot.stopping.length > 0 || slot.next.kind !== 'never';
}

function isToAdopt({ templateHash, generation }: ObservedInstance, app: DesiredApp): boolean {
  return templateHash === app.templateHash && generation !== app.generation;
}
