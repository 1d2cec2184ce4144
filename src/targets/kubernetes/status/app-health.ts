import type { HealthStatus } from '../../../plan/model/health.ts';
import { podsOf, type AppObjects } from '../live/app-objects.ts';
import { at } from '../live/fields.ts';
import type { Progress, WorkloadParts } from '../rollout/progress.ts';
import { isReady, troubleOf } from '../rollout/trouble.ts';
import { failureOfRun, type Run } from './newest-run.ts';

/** What the health of an app is seen from. */
export interface HealthParts {
  /** null: nothing of it is there. */
  readonly own: WorkloadParts | null;
  readonly progress: Progress | null;
  /** The last run of an app with a schedule; null: it has none, or has not run. */
  readonly run: Run | null;
}

/** As the health of an app on a host: of one with a schedule, how its last run has ended, or goes. */
export function healthOf({ own, progress, run }: HealthParts): HealthStatus {
  if (own === null || progress === null) return 'Missing';
  const { workload, pods } = own;
  if (at(workload, 'spec', 'suspend') === true) return 'Suspended';
  if (workload.kind === 'CronJob') return healthOfRuns(run);
  if (workload.kind === 'Job') {
    return { done: 'Completed', failed: 'Failed', progressing: 'Progressing' }[
      progress.state
    ] as HealthStatus;
  }
  if (podsOf(workload) === 0) return 'Stopped';
  if (progress.state === 'done') return 'Healthy';
  const trouble = troubleOf(pods);
  const isServing = pods.some(isReady);
  if (trouble?.reason === 'CrashLoopBackOff' && !isServing) return 'CrashLoop';
  if (progress.state === 'failed') return isServing ? 'Degraded' : 'Failed';
  return 'Progressing';
}

function healthOfRuns(run: Run | null): HealthStatus {
  if (run === null || run.progress.state === 'done') return 'Completed';
  if (run.progress.state === 'failed' || troubleOf(run.pods) !== null) return 'Degraded';
  return run.pods.some(isReady) ? 'Healthy' : 'Progressing';
}

/** Why it is not as it should be, in a line; null: nothing is to be said. */
export function whyOf(app: Pick<AppObjects, 'spec'>, { own, progress, run }: HealthParts): string | null {
  if (app.spec === null) return 'not declared any more: the next apply removes it';
  if (own === null) return 'not there yet: apply makes it';
  const trouble = troubleOf(own.pods);
  if (trouble !== null) return `${trouble.pod}: ${trouble.message} (${trouble.reason})`;
  if (run !== null) return failureOfRun(run);
  return progress === null || progress.state === 'done' || podsOf(own.workload) === 0
    ? null
    : progress.message;
}
