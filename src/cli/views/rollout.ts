import type { RolloutInfo } from '../../api/wire.ts';

/** `2 of 4 updated`, with who has stopped it there. */
export function updatedText(rollout: RolloutInfo): string {
  const { state, updatedInstances, totalInstances, pausedBy, reason } = rollout;
  const updated = `${updatedInstances} of ${totalInstances} updated`;
  if (state !== 'paused') return updated;
  // One that has failed was paused by its failure, which is told beside it.
  return pausedBy === null || reason !== null ? `paused: ${updated}` : `paused by ${pausedBy}: ${updated}`;
}
