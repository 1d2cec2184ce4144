import { listAt, numberAt, textAt } from '../live/fields.ts';
import type { LiveObject } from '../live/live-object.ts';
import { isOwnedBy, progressOf, type Progress } from '../rollout/progress.ts';

/** A Job that a CronJob has made, with its pods. */
export interface Run {
  readonly name: string;
  readonly progress: Progress;
  readonly pods: readonly LiveObject[];
}

/** The last of the Jobs of a CronJob, as far as the cluster keeps them; null: there is none. */
export function newestRun(
  cron: LiveObject,
  { runs, pods }: { readonly runs: readonly LiveObject[]; readonly pods: readonly LiveObject[] },
): Run | null {
  const job = runs
    .filter((one) => isOwnedBy(one, cron))
    .toSorted(byAge)
    .at(-1);
  if (job === undefined) return null;
  const own = pods.filter((pod) => isOwnedBy(pod, job));
  const progress = progressOf({ workload: job, replicaSets: [], pods: own });
  return { name: job.metadata.name, progress, pods: own };
}

/** How a run has failed: by the exit code of its last container where that is known still; null: it has not. */
export function failureOfRun({ name, progress, pods }: Run): string | null {
  if (progress.state !== 'failed') return null;
  const ended = pods.toSorted(byAge).flatMap((pod) => listAt(pod, 'status', 'containerStatuses'));
  const code = ended
    .map((container) => numberAt(container, 'state', 'terminated', 'exitCode'))
    .findLast((one) => one !== 0);
  return `the last run failed: ${code === undefined ? progress.message : `exit code ${code}`} (${name})`;
}

function byAge(a: LiveObject, b: LiveObject): number {
  const [first, second] = [a, b].map((one) => textAt(one, 'metadata', 'creationTimestamp') ?? '');
  return (first ?? '').localeCompare(second ?? '') || (a.metadata.name < b.metadata.name ? -1 : 1);
}
