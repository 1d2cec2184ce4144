import type { AppStatus } from './wire.ts';

const SETTLED: readonly AppStatus['health'][] = ['Healthy', 'Completed', 'Stopped', 'Suspended'];

/** Whether an app is as a generation of it asks for, and well: nothing is waited for then. */
export function isSettled(
  generation: number,
  status: Pick<
    AppStatus,
    'health' | 'sync' | 'observedGeneration' | 'assessedGeneration' | 'desiredInstances'
  >,
): boolean {
  const { health, sync, observedGeneration, assessedGeneration } = status;
  // The verdict on an older generation says nothing about this one.
  const isCurrent = assessedGeneration >= generation && observedGeneration >= generation;
  // Degraded though nothing is to run: a job whose last run failed waits for its next time.
  const isAtRest = health === 'Degraded' && status.desiredInstances === 0;
  return isCurrent && sync === 'Synced' && (isAtRest || SETTLED.includes(health));
}
