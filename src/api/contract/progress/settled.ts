import type { AppStatus, RolloutInfo } from '../wire/apps.ts';

const SETTLED: readonly AppStatus['health'][] = ['Healthy', 'Completed', 'Stopped', 'Suspended'];

/**
 * Whether an app is as a generation of it asks for, and well: nothing is waited for then. A version that takes the place
 * of another is there when it has proven itself on every instance; the first one of an app when it is healthy.
 */
export function isSettled(
  generation: number,
  status: Pick<
    AppStatus,
    | 'health'
    | 'sync'
    | 'problems'
    | 'observedGeneration'
    | 'assessedGeneration'
    | 'desiredInstances'
    | 'rollout'
  >,
): boolean {
  const { health, sync, observedGeneration, assessedGeneration } = status;
  // The assessment of an older generation says nothing about this one.
  const isCurrent = assessedGeneration >= generation && observedGeneration >= generation;
  // Degraded though nothing is to run: a job whose last run failed waits for its next time.
  const isAtRest = health === 'Degraded' && status.desiredInstances === 0;
  return (
    isCurrent &&
    (sync === 'Synced' || isOnlyByHand(status)) &&
    (isAtRest || SETTLED.includes(health)) &&
    // One that was stopped on the way goes on when it is started again.
    (status.desiredInstances === 0 || !isOpen(status.rollout ?? null, generation))
  );
}

/** Newer code on disk, and what differs from its source, is for the next apply: nothing happens to it by waiting. */
function isOnlyByHand({ problems = [] }: Pick<AppStatus, 'problems'>): boolean {
  return problems.some(({ type }) => type === 'Code' || type === 'AsDeclared');
}

/** Whether a rollout is under way, or one of this generation or a later one has failed: it is not as asked for. */
function isOpen(rollout: RolloutInfo | null, generation: number): boolean {
  switch (rollout?.state) {
    case 'progressing':
    case 'paused':
      return true;
    case 'failed':
      return rollout.generation >= generation;
    default:
      return false;
  }
}
