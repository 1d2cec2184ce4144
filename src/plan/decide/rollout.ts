import { keepsAddresses } from '../slots/addresses.ts';
import { boundsNow, isRestartedNow, type RolloutBounds } from './bounds.ts';
import { isExpendable } from '../slots/occupant.ts';
import {
  hasCrashedBeside,
  hasOutdated,
  isCompleted,
  type OutdatedSlot,
  type PairSlot,
  type WantedSlot,
} from '../slots/slot.ts';
import { countExtra, wantedSlots, type AppSlots } from '../slots/slots.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { unfitnessOf } from '../slots/unfit.ts';

/**
 * How a rollout stands:
 * - `paused`: what has begun goes on to its end, and nothing begins.
 * - `failed`: the declared version has failed. It ends where an outdated process serves, and replaces nothing.
 * - `failing`: the failure has just been found. Nothing is done until the reducer has gone back or paused.
 */
export type RolloutStance = 'going' | 'paused' | 'failed' | 'failing';

export interface Rollout {
  /** Slots whose process is to be stopped now, so that the declared one can follow. */
  readonly replace: readonly OutdatedSlot[];
  /** Those of `replace` whose process is missed: it serves, and nothing is wrong with it. */
  readonly missed: readonly OutdatedSlot[];
  /** Slots in which the declared process is to start now, beside the outdated one. */
  readonly surge: readonly OutdatedSlot[];
  /** Outdated processes that are to stop: their successor has proven itself, or they serve nobody. */
  readonly retire: readonly ObservedInstance[];
  /** Declared processes of a version that has failed, in slots where the outdated one serves. */
  readonly takeBack: readonly ObservedInstance[];
  /** Outdated slots whose turn has not come. */
  readonly waiting: readonly OutdatedSlot[];
  /** The lowest slot that `waiting` waits for; null: none is in the way. */
  readonly inTheWay: WantedSlot | null;
}

/**
 * Chooses what to do next to replace the outdated processes of an app. One slot goes this way:
 *
 *   start first   outdated ──start──▶ outdated + declared ──declared is available──▶ outdated stops ──▶ declared
 *   stop first    outdated ──stop──▶ stopping ──▶ empty ──start──▶ declared
 *
 * A slot is in replacement while the declared process is on its way into it, or has crashed there. While `parallel` slots
 * are in replacement, the others keep what they have: a release that does not come up costs no instance (start first) or
 * `parallel` of them (stop first), and no more. Start first is preferred while there is room. An outdated process that is
 * not ready goes before the others, because that costs nothing: so a newer generation gets past a stuck one.
 *
 * Worked example, 3 slots, stop first, one at a time, all ready and outdated: replace [0], waiting [1, 2]. Slot 0
 * starts: replace [], waiting [1, 2], in the way 0. Slot 0 is available: replace [1], waiting [2].
 * The same start first, max_surge 1 (so 4 processes at most): surge [0], waiting [1, 2]. The new one is available:
 * retire slot 0's old one; it is still there, 4 processes, so no room. It has ended: surge [1], waiting [2].
 */
export function planRollout(
  appSlots: AppSlots,
  stance: RolloutStance = 'going',
  bounds?: RolloutBounds,
): Rollout {
  const { app } = appSlots;
  // True of nearly every app, nearly always.
  if (!appSlots.slots.some(hasOutdated)) return NOTHING_TO_REPLACE;
  const wanted = wantedSlots(appSlots);
  const outdated = wanted.filter(isReplaceable);
  const underWay = wanted.filter((slot) => isInReplacement(slot, app));
  const budget =
    stance === 'going' ? budgetOf(appSlots, bounds ?? boundsNow(appSlots), underWay.length) : null;
  const chosen = budget === null ? NOTHING_CHOSEN : chooseSlots(outdated, budget, app);
  const taken = new Set<WantedSlot>([...chosen.replace, ...chosen.surge, ...underWay]);
  const draining = wanted.find(({ stopping }) => stopping.length > 0) ?? null;
  return {
    ...chosen,
    ...endInPairs(wanted.filter(isPair), stance, app),
    waiting: outdated.filter((slot) => !taken.has(slot)),
    inTheWay: underWay[0] ?? chosen.replace[0] ?? chosen.surge[0] ?? draining,
  };
}

type Chosen = Pick<Rollout, 'replace' | 'missed' | 'surge'>;
const NOTHING_CHOSEN: Chosen = { replace: [], missed: [], surge: [] };
const NOTHING_TO_REPLACE: Rollout = {
  ...NOTHING_CHOSEN,
  retire: [],
  takeBack: [],
  waiting: [],
  inTheWay: null,
};

/** What is left of the bounds of a rollout. */
interface Budget {
  /** Slots that may yet come into replacement. */
  readonly places: number;
  /** Processes that may yet be started beside others. */
  readonly room: number;
  /** Slots that may yet be without a ready instance. */
  readonly missing: number;
}

function budgetOf(appSlots: AppSlots, bounds: RolloutBounds, underWay: number): Budget {
  return {
    places: bounds.parallel - underWay,
    room: bounds.maxSurge - countExtra(appSlots),
    missing: bounds.maxUnavailable - wantedSlots(appSlots).filter((slot) => !isServed(slot)).length,
  };
}

function chooseSlots(outdated: readonly OutdatedSlot[], budget: Budget, app: DesiredApp): Chosen {
  const replace: OutdatedSlot[] = [];
  const missed: OutdatedSlot[] = [];
  const surge: OutdatedSlot[] = [];
  let left = budget;
  for (const slot of byTurn(outdated, app)) {
    const how = howToReplace(slot, left, app);
    if (how === 'surge') surge.push(slot);
    else if (how !== 'wait') replace.push(slot);
    if (how === 'stop-first' && !isUnfit(slot, app)) missed.push(slot);
    left = spend(left, slot, { how, app });
  }
  return { replace, missed, surge };
}

/** First those that go at once, then those that cost nothing, then the others; within each the lowest slot first. */
function byTurn(outdated: readonly OutdatedSlot[], app: DesiredApp): readonly OutdatedSlot[] {
  const turnOf = (slot: OutdatedSlot): number =>
    goesAtOnce(slot.outdated.instance, app) ? 0 : isExpendable(slot.outdated) ? 1 : 2;
  return [...outdated].sort((a, b) => turnOf(a) - turnOf(b));
}

/**
 * How the process of a slot is replaced now:
 * - `at-once`: it is stopped whatever the bounds say.
 * - `free`: it is stopped, and nobody misses it.
 * - `surge`: the declared one starts beside it.
 * - `stop-first`: it is stopped, and missed until the declared one is ready.
 * - `wait`: its turn has not come.
 */
export type Replacement = 'at-once' | 'free' | 'surge' | 'stop-first' | 'wait';

export function howToReplace(
  slot: OutdatedSlot,
  { places, room, missing }: Budget,
  app: DesiredApp,
): Replacement {
  if (goesAtOnce(slot.outdated.instance, app)) return 'at-once';
  if (places <= 0 && !isInReplacement(slot, app)) return 'wait';
  if (isExpendable(slot.outdated) || isSuperseded(slot)) return 'free';
  // Where an unfit process has to end first, the back-off of its successor begins with that end.
  const canEnd = slot.successor.kind === 'now' || (room <= 0 && isUnfit(slot, app));
  if (!canEnd) return 'wait';
  if (room > 0 && isAlone(slot)) return 'surge';
  return missing > 0 ? 'stop-first' : 'wait';
}

function spend(
  { places, room, missing }: Budget,
  slot: OutdatedSlot,
  { how, app }: { readonly how: Replacement; readonly app: DesiredApp },
): Budget {
  const takesPlace = how !== 'wait' && how !== 'at-once' && !isInReplacement(slot, app);
  return {
    places: takesPlace ? places - 1 : places,
    room: how === 'surge' ? room - 1 : room,
    missing: how === 'stop-first' && slot.outdated.ready ? missing - 1 : missing,
  };
}

/** Which of two processes in one slot ends. */
function endInPairs(
  pairs: readonly PairSlot[],
  stance: RolloutStance,
  app: DesiredApp,
): Pick<Rollout, 'retire' | 'takeBack'> {
  if (stance === 'failing') return { retire: [], takeBack: [] };
  const isTakenBack = ({ outdated }: PairSlot): boolean => stance === 'failed' && outdated.ready;
  return {
    retire: pairs
      .filter((pair) => !isTakenBack(pair) && isDispensable(pair, app))
      .map(({ outdated }) => outdated.instance),
    takeBack: pairs.filter(isTakenBack).map(({ declared }) => declared.instance),
  };
}

function isPair(slot: WantedSlot): slot is PairSlot {
  return slot.holds === 'pair';
}

/** Whether the outdated process of a pair is no longer needed: its successor has proven itself, or it is of no use. */
function isDispensable({ declared, outdated }: PairSlot, app: DesiredApp): boolean {
  return declared.available || isExpendable(outdated) || goesAtOnce(outdated.instance, app);
}

/** An unverified process cannot be stopped, so nothing could start in its place. */
function isReplaceable(slot: WantedSlot): slot is OutdatedSlot {
  return slot.holds === 'outdated' && slot.unverified.length === 0;
}

function isInReplacement(slot: WantedSlot, app: DesiredApp): boolean {
  switch (slot.holds) {
    case 'nothing':
      return slot.unverified.length === 0 && !isCompleted(slot);
    case 'declared':
    case 'pair':
      return !slot.declared.available;
    case 'outdated':
      return hasCrashedBeside(slot, app) && !isSuperseded(slot);
  }
}

/** Restarted whatever it serves, or in the way of every process that will follow. */
function goesAtOnce(instance: ObservedInstance, app: DesiredApp): boolean {
  return isRestartedNow(instance, app) || keepsAddresses(instance, app);
}

function isUnfit({ outdated }: OutdatedSlot, app: DesiredApp): boolean {
  return unfitnessOf(outdated.instance, app) !== undefined;
}

/** A pair is two processes and no more: one that is stopping has to end first. */
function isAlone({ surplus, stopping }: OutdatedSlot): boolean {
  return surplus.length === 0 && stopping.length === 0;
}

/** The declared version has ended on purpose and will not run again; only the outdated process is left. */
function isSuperseded({ successor }: OutdatedSlot): boolean {
  return successor.kind === 'never' && successor.outcome === 'Completed';
}

/** Has an instance to rely on, or needs none. */
function isServed(slot: WantedSlot): boolean {
  switch (slot.holds) {
    case 'nothing':
      return isCompleted(slot) || slot.unverified.length > 0;
    case 'declared':
      return slot.declared.available;
    case 'outdated':
      return slot.outdated.ready;
    case 'pair':
      return slot.declared.available || slot.outdated.ready;
  }
}
