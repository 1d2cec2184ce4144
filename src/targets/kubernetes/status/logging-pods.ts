import type { AppObjects } from '../live/app-objects.ts';
import { allPods, hasEnded, slotOf, workloadOf, type MadeOfApp } from './app-status.ts';
import type { LoggingPod } from './pod-logs.ts';

/** The pods of an app that may have lines: those of runs that are over too, for as long as the cluster keeps them. */
export function loggingPods(app: AppObjects, parts: MadeOfApp): readonly LoggingPod[] {
  const workload = workloadOf(app);
  if (workload === null) return [];
  const pods = allPods(workload, parts);
  const isRun = workload.kind === 'CronJob' || workload.kind === 'Job';
  const present = pods.filter((pod) => !hasEnded(pod));
  return pods.map((pod) => ({
    app: app.key,
    pod: pod.metadata.name,
    // Runs come one after the other, where instances are beside each other.
    slot: isRun ? 0 : (slotOf(pod) ?? Math.max(0, present.indexOf(pod))),
    instances: isRun ? 1 : present.length,
  }));
}
