import { formatSpan } from '../lib/units.ts';
import { isCompleted, type OccupiedSlot, type Slot } from './slots.ts';

/** How far an app may be from its number of instances while it is being replaced. */
export interface RolloutBounds {
  /** Processes above the number of instances. */
  readonly maxSurge: number;
  /** Slots that may be without a ready instance by our own doing. */
  readonly maxUnavailable: number;
  /** Slots that may be in replacement at the same time. */
  readonly parallel: number;
}

/** Stop, then start, one slot after the other. */
export const STOP_THEN_START: RolloutBounds = { maxSurge: 0, maxUnavailable: 1, parallel: 1 };

export interface Rollout {
  /** Slots whose process is to be stopped now, so that the declared one can follow. */
  readonly replace: readonly OccupiedSlot[];
  /** Outdated slots whose turn has not come. */
  readonly waiting: readonly OccupiedSlot[];
  /** The lowest slot that `waiting` waits for; null: none is in the way. */
  readonly inTheWay: Slot | null;
}

/**
 * Chooses what to replace next.
 *
 * A slot is in replacement when it is wanted and neither has a ready process nor an outdated one: the declared process
 * is on its way, or failed. As long as `parallel` slots are, the others keep what they have; so a release that does
 * not come up takes one instance and no more. An outdated process that is not ready itself goes first, because that
 * costs nothing: this is how a newer generation gets past one that is stuck.
 *
 * Worked example, 3 slots, one at a time, all ready and outdated: replace [0], waiting [1, 2]. Slot 0 starts:
 * replace [], waiting [1, 2], in the way 0. Slot 0 is ready: replace [1], waiting [2].
 */
export function planRollout(slots: readonly Slot[], bounds: RolloutBounds): Rollout {
  const wanted = slots.filter(({ wanted }) => wanted);
  const outdated = wanted.filter(isReplaceable);
  const inReplacement = wanted.filter(isInReplacement);
  const candidates = [...outdated.filter(({ ready }) => !ready), ...outdated.filter(({ ready }) => ready)];
  let places = Math.max(0, bounds.parallel - inReplacement.length);
  let unavailable = inReplacement.length + outdated.filter(({ ready }) => !ready).length;
  const replace: OccupiedSlot[] = [];
  for (const slot of candidates) {
    if (places === 0) break;
    if (slot.ready && unavailable >= bounds.maxUnavailable) break;
    if (slot.ready) unavailable += 1;
    places -= 1;
    replace.push(slot);
  }
  return {
    replace,
    waiting: outdated.filter((slot) => !replace.includes(slot)),
    inTheWay: inReplacement[0] ?? replace[0] ?? null,
  };
}

/** `rollout: slot 1 not ready, 12s left`. */
export function describeRollout({ waiting, inTheWay }: Rollout): string {
  const more = waiting.length === 1 ? '1 slot' : `${waiting.length} slots`;
  if (inTheWay === null) return `rollout: ${more} to replace`;
  const left = inTheWay.readyInMs === null ? '' : `, ${formatSpan(inTheWay.readyInMs)} left`;
  return `rollout: slot ${inTheWay.slot} not ready${left}, ${more} to replace after it`;
}

/** What may be running in the slot besides cannot be stopped, so nothing could be started in its place. */
function isReplaceable(slot: Slot): slot is OccupiedSlot {
  return slot.current !== null && !slot.upToDate && slot.unverified.length === 0;
}

function isInReplacement(slot: Slot): boolean {
  if (slot.current !== null) return slot.upToDate && !slot.ready;
  return slot.unverified.length === 0 && !isCompleted(slot);
}
