import { formatSpan } from '../../lib/units.ts';
import type { Reason } from '../model/reasons.ts';
import type { Rollout } from '../decide/rollout.ts';
import { occupantsOf, type WantedSlot } from '../slots/slot.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { RolloutVerdict } from '../model/rollout.ts';

/** `rollout: slot 1 not ready, 12s left, 2 slots to replace after it`. */
export function describeRollout({ waiting, inTheWay }: Pick<Rollout, 'waiting' | 'inTheWay'>): string {
  const more = waiting.length === 1 ? '1 slot' : `${waiting.length} slots`;
  if (inTheWay === null) return `rollout: ${more} to replace`;
  return `rollout: slot ${inTheWay.slot} ${describeSlot(inTheWay)}, ${more} to replace after it`;
}

function describeSlot(slot: WantedSlot): string {
  const [occupant] = occupantsOf(slot);
  const isProven = slot.holds === 'outdated' || occupant?.available === true;
  if (!isProven && occupant?.ready === true && occupant.availableInMs !== null) {
    return `ready, ${formatSpan(occupant.availableInMs)} to go`;
  }
  const [leaving] = slot.stopping;
  if (leaving !== undefined && isProven) return `waits for process ${leaving.pid ?? 'without a pid'} to end`;
  const leftMs = occupant?.readyInMs ?? null;
  return leftMs === null ? 'not ready' : `not ready, ${formatSpan(leftMs)} left`;
}

/** Why a rollout is held up, and what to do about it; null: it goes on, or there is none. */
export function describePause(
  { key, rollout }: DesiredApp,
  verdict: RolloutVerdict | null,
): { readonly reason: Reason; readonly message: string } | null {
  if (verdict?.kind === 'failed') {
    return { reason: 'RolloutFailed', message: `rollout failed: ${verdict.failure.message}` };
  }
  const paused = rollout?.paused ?? null;
  if (paused === null || verdict !== null) return null;
  const resume = `stateward rollout resume ${key}`;
  if (paused.failure === null) {
    return { reason: 'RolloutPaused', message: `rollout paused by ${paused.by}; ${resume}` };
  }
  const message = `rollout failed: ${paused.failure.message}; ${resume}, or stateward rollback ${key}`;
  return { reason: 'RolloutFailed', message };
}
