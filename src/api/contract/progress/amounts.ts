import type { App, RolloutInfo } from '../wire/apps.ts';

/** `2 of 4 updated`, with who has stopped it there. */
export function updatedText(rollout: RolloutInfo): string {
  const { state, updatedInstances, totalInstances, pausedBy, reason } = rollout;
  const updated = `${updatedInstances} of ${totalInstances} updated`;
  if (state !== 'paused') return updated;
  // One that has failed was paused by its failure, which is told beside it.
  return pausedBy === null || reason !== null ? `paused: ${updated}` : `paused by ${pausedBy}: ${updated}`;
}

/** `1/2 ready`. */
export function readyText({ status }: App): string {
  return `${status.readyInstances}/${status.desiredInstances} ready`;
}
