import { keepsAddresses } from '../slots/addresses.ts';
import { boundsNow, isRestartedNow, type RolloutBounds } from './bounds.ts';
import { specFor } from '../slots/effective.ts';
import { isExpendable, isReady } from '../slots/readiness.ts';
import { startsAfresh } from '../slots/restart-policy.ts';
import { isCompleted, isOlder, outdatedIn, type OccupiedSlot, type Slot } from '../slots/slot.ts';
import { countExtra, type AppSlots } from '../slots/slots.ts';
import type { DesiredApp, ObservedInstance } from '../model/types.ts';
import { unfitnessOf } from '../slots/unfit.ts';

/**
 * How a rollout stands:
 * - `paused`: what has begun goes on to its end, and nothing begins.
 * - `failed`: what is declared is not fit. It ends where an outdated process serves, and replaces nothing.
 * - `failing`: the failure has just been found. Nothing is done until it has been drawn the consequence from.
 */
export type RolloutStance = 'going' | 'paused' | 'failed' | 'failing';

export interface Rollout {
  /** Slots whose process is to be stopped now, so that the declared one can follow. */
  readonly replace: readonly OccupiedSlot[];
  /** Slots in which the declared process is to start now, beside the outdated one. */
  readonly surge: readonly OccupiedSlot[];
  /** Outdated processes whose successor has proven itself, or that serve nobody. */
  readonly retire: readonly ObservedInstance[];
  /** Declared processes that are not fit, in slots where the outdated one serves. */
  readonly unfit: readonly ObservedInstance[];
  /** Outdated slots whose turn has not come. */
  readonly waiting: readonly OccupiedSlot[];
  /** The lowest slot that `waiting` waits for; null: none is in the way. */
  readonly inTheWay: Slot | null;
}

/**
 * Chooses what to do next to replace the outdated processes of an app. One slot goes this way:
 *
 *   start first   outdated ──start──▶ outdated + declared ──declared is available──▶ outdated stops ──▶ declared
 *   stop first    outdated ──stop──▶ stopping ──▶ empty ──start──▶ declared
 *
 * A slot is in replacement when it is wanted and what is declared is on its way there, or was and crashed. As long as
 * `parallel` slots are, the others keep what they have; so a release that does not come up takes no instance (start
 * first) or one (stop first), and no more. Start first is taken as long as there is room for it. An outdated process
 * that is not ready itself goes first, because that costs nothing: this is how a newer generation gets past one that
 * is stuck.
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
  // Of nearly every app, nearly always.
  if (!appSlots.slots.some((slot) => slot.wanted && outdatedIn(slot) !== null)) return NOTHING_TO_REPLACE;
  const wanted = appSlots.slots.filter(({ wanted }) => wanted);
  const outdated = wanted.filter(isReplaceable);
  const underWay = wanted.filter((slot) => isInReplacement(slot, app));
  const chosen =
    stance === 'going'
      ? chooseSlots(appSlots, bounds ?? boundsNow(appSlots), { wanted, outdated, underWay })
      : NOTHING_CHOSEN;
  const taken = new Set<Slot>([...chosen.replace, ...chosen.surge, ...underWay]);
  const waiting = outdated.filter((slot) => !taken.has(slot));
  const draining = wanted.find(({ stopping }) => stopping.length > 0) ?? null;
  return {
    ...chosen,
    ...leaving(wanted, app, stance),
    waiting,
    inTheWay: underWay[0] ?? chosen.replace[0] ?? chosen.surge[0] ?? draining,
  };
}

type Chosen = Pick<Rollout, 'replace' | 'surge'>;
const NOTHING_CHOSEN: Chosen = { replace: [], surge: [] };
const NOTHING_TO_REPLACE: Rollout = {
  ...NOTHING_CHOSEN,
  retire: [],
  unfit: [],
  waiting: [],
  inTheWay: null,
};

interface Sorted {
  readonly wanted: readonly Slot[];
  readonly outdated: readonly OccupiedSlot[];
  readonly underWay: readonly Slot[];
}

function chooseSlots(
  appSlots: AppSlots,
  bounds: RolloutBounds,
  { wanted, outdated, underWay }: Sorted,
): Chosen {
  const { app } = appSlots;
  const goesAtOnce = ({ current }: OccupiedSlot): boolean =>
    isRestartedNow(current, app) || keepsAddresses(current, app);
  const atOnce = outdated.filter(goesAtOnce);
  const others = outdated.filter((slot) => !goesAtOnce(slot));
  const costless = others.filter((slot) => isExpendable(slot.current, specFor(slot.current, app)));
  const replace: OccupiedSlot[] = [...atOnce];
  const surge: OccupiedSlot[] = [];
  let places = bounds.parallel - underWay.length;
  let unavailable = wanted.filter((slot) => !isServed(slot, app)).length;
  let room = bounds.maxSurge - countExtra(appSlots);
  for (const slot of [...costless, ...others.filter((slot) => !costless.includes(slot))]) {
    const hasPlace = underWay.includes(slot);
    if (!hasPlace && places <= 0) continue;
    const costsNothing = costless.includes(slot) || isSuperseded(slot);
    const isDue = slot.successor?.kind === 'now';
    // Where it has to end first, the wait for its successor begins with its end.
    const canEnd = isDue || (room <= 0 && unfitnessOf(slot.current, app) !== undefined);
    if (costsNothing) replace.push(slot);
    else if (!canEnd) continue;
    else if (room > 0 && isAlone(slot)) {
      surge.push(slot);
      room -= 1;
    } else if (unavailable < bounds.maxUnavailable) {
      replace.push(slot);
      unavailable += slot.ready ? 1 : 0;
    } else continue;
    if (!hasPlace) places -= 1;
  }
  return { replace, surge };
}

/** Processes that go because of what is beside them in their slot. */
function leaving(
  wanted: readonly Slot[],
  app: DesiredApp,
  stance: RolloutStance,
): Pick<Rollout, 'retire' | 'unfit'> {
  const retire: ObservedInstance[] = [];
  const unfit: ObservedInstance[] = [];
  for (const { current, outgoing, available } of stance === 'failing' ? [] : wanted) {
    if (current === null || outgoing === null) continue;
    if (stance === 'failed' && isReady(outgoing, specFor(outgoing, app))) unfit.push(current);
    else if (
      available ||
      isExpendable(outgoing, specFor(outgoing, app)) ||
      isRestartedNow(outgoing, app) ||
      keepsAddresses(outgoing, app)
    )
      retire.push(outgoing);
  }
  return { retire, unfit };
}

/** What may be running in the slot besides cannot be stopped, so nothing could be started in its place. */
function isReplaceable(slot: Slot): slot is OccupiedSlot {
  return slot.current !== null && !slot.upToDate && slot.unverified.length === 0;
}

function isInReplacement(slot: Slot, app: DesiredApp): boolean {
  if (slot.current === null) return slot.unverified.length === 0 && !isCompleted(slot);
  return slot.upToDate ? !slot.available : hasCrashedBeside(slot, app) && !isSuperseded(slot);
}

/** What is declared has been started in this slot beside the outdated process, and has ended by itself. */
export function hasCrashedBeside({ current, upToDate, history }: Slot, app: DesiredApp): boolean {
  if (current === null || upToDate || isOlder(history, current)) return false;
  return !startsAfresh(history, app) && history?.lastExit?.requested === false;
}

/** A pair is two processes, not more: one that is on its way out has to end first. */
function isAlone({ surplus, stopping }: Slot): boolean {
  return surplus.length === 0 && stopping.length === 0;
}

/** What is declared has ended on purpose and is not to run again: the outdated process is all that is left. */
function isSuperseded({ successor }: Slot): boolean {
  return successor?.kind === 'never' && successor.outcome === 'Completed';
}

/** Has an instance that one can rely on, or is to have none. */
function isServed(slot: Slot, app: DesiredApp): boolean {
  const { current, upToDate, available, ready, outgoing, unverified } = slot;
  if (current === null) return isCompleted(slot) || unverified.length > 0;
  return (upToDate ? available : ready) || (outgoing !== null && isReady(outgoing, specFor(outgoing, app)));
}
