import type { NextStart } from '../slots/restart-policy.ts';
import type { Slot } from '../slots/slot.ts';
import { isRolling, type AppSlots } from '../slots/slots.ts';
import type { UnmetDependency } from './dependencies.ts';
import type { Reload } from './reload.ts';
import { rolloutEndsInMs } from './rollout-verdict.ts';

const NEVER = Infinity;

/**
 * Milliseconds until time alone changes something, or null: a back-off ends, an instance becomes ready (or available,
 * where that is waited for), a rollout fails.
 */
export function requeueAfterMs(
  appSlots: AppSlots,
  { unmet, reload }: { readonly unmet: readonly UnmetDependency[]; readonly reload: Reload },
  now: number,
): number | null {
  const rolls = isRolling(appSlots);
  const first = Math.min(
    ...appSlots.slots.map((slot) => changesInMs(slot, rolls, now)),
    ...unmet.map(({ metInMs }) => metInMs ?? NEVER),
    rolloutEndsInMs(appSlots, now) ?? NEVER,
    reload.changesInMs ?? NEVER,
  );
  return first === NEVER ? null : Math.max(1, Math.ceil(first));
}

function changesInMs(slot: Slot, rolls: boolean, now: number): number {
  if (slot.holds === 'unwanted') return NEVER;
  if (slot.holds === 'nothing') return startsInMs(slot.next, now);
  const kept = slot.holds === 'outdated' ? slot.outdated : slot.declared;
  const failsInMs = kept.deadlineInMs ?? NEVER;
  return Math.min(
    kept.readyInMs ?? NEVER,
    (rolls ? kept.availableInMs : null) ?? NEVER,
    failsInMs > 0 ? failsInMs : NEVER,
    slot.holds === 'outdated' ? startsInMs(slot.successor, now) : NEVER,
  );
}

function startsInMs(next: NextStart, now: number): number {
  return next.kind === 'later' ? next.until - now : NEVER;
}
