import type { App, InstanceStatus, RolloutInfo } from '../../../api/contract/wire/apps.ts';
import { splitAppKey } from '../../../lib/app-key.ts';
import type { SyncStatus } from '../../../plan/model/health.ts';
import { isWorkload, podsOf, type AppObjects } from '../live/app-objects.ts';
import { at, fieldsAt, listAt, numberAt, textAt } from '../live/fields.ts';
import type { LiveObject } from '../live/live-object.ts';
import {
  isOwnedBy,
  newestPods,
  progressOf,
  revisionOf,
  type Progress,
  type WorkloadParts,
} from '../rollout/progress.ts';
import { isReady } from '../rollout/trouble.ts';
import { healthOf, whyOf } from './app-health.ts';
import { newestRun } from './newest-run.ts';

/** What the cluster has made for the objects of an app: of its project all, of which some are the app's. */
export interface MadeOfApp {
  readonly histories: readonly LiveObject[];
  readonly pods: readonly LiveObject[];
  /** Jobs that CronJobs have made. */
  readonly runs: readonly LiveObject[];
}

/** What there is of an app beside its objects. */
export interface StatusParts extends MadeOfApp {
  /** Whether applying the file would change it; null: it is not known. */
  readonly isSynced: boolean | null;
}

/** One app there, as `get` shows those of a host. What a cluster does not count (CPU, memory, generations of ours) is null or 0. */
export function appStatus(app: AppObjects, parts: StatusParts): App {
  const { project, name } = splitAppKey(app.key);
  const workload = workloadOf(app);
  const own =
    workload === null ? null : { workload, replicaSets: parts.histories, pods: presentPods(workload, parts) };
  const progress = own === null ? null : progressOf(own);
  const desiredInstances = podsOf(workload);
  const instances = own === null ? [] : own.pods.map(instanceOf);
  const sync = syncOf(app, parts.isSynced);
  const run = workload?.kind === 'CronJob' ? newestRun(workload, parts) : null;
  const seen = { own, progress, run };
  const why = whyOf(app, seen);
  const revision = workload === null ? 0 : Number(revisionOf(workload)) || 0;
  const generation = numberAt(workload, 'metadata', 'generation');
  return {
    project,
    name,
    createdAt: textAt(workload, 'metadata', 'creationTimestamp') ?? '',
    spec: null,
    logs: { out: null, error: null },
    status: {
      sync,
      health: healthOf(seen),
      ...{ generation, revision, desiredInstances, instances },
      observedGeneration: numberAt(workload, 'status', 'observedGeneration'),
      assessedGeneration: generation,
      readyInstances: instances.filter(({ ready }) => ready).length,
      conditions: [],
      override: null,
      holds: [],
      rollout: own === null || progress === null ? null : rolloutOf(own, progress, { generation, revision }),
      ...(why !== null && { why }),
    },
  };
}

/** The object that has pods made for an app; null: there is none. */
export function workloadOf(app: AppObjects): LiveObject | null {
  return (
    app.compared.find(({ object, live }) => isWorkload(object) && live !== null)?.live ??
    newest(app.stale.filter(isWorkload))
  );
}

/** Pods of a workload, those of the Jobs of a CronJob, ended ones too, oldest first. */
export function allPods(workload: LiveObject, { pods, histories, runs }: MadeOfApp): readonly LiveObject[] {
  const owners = [workload, ...[...histories, ...runs].filter((one) => isOwnedBy(one, workload))];
  return pods
    .filter((pod) => owners.some((owner) => isOwnedBy(pod, owner)))
    .toSorted((a, b) => created(a).localeCompare(created(b)) || (a.metadata.name < b.metadata.name ? -1 : 1));
}

function presentPods(workload: LiveObject, parts: StatusParts): readonly LiveObject[] {
  return allPods(workload, parts).filter((pod) => workload.kind === 'Job' || !hasEnded(pod));
}

export function hasEnded(pod: LiveObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

function syncOf({ spec, compared }: AppObjects, isSynced: boolean | null): SyncStatus {
  if (spec === null) return 'OutOfSync';
  if (isSynced !== null) return isSynced ? 'Synced' : 'OutOfSync';
  return compared.some(({ live }) => live === null) ? 'OutOfSync' : 'Unknown';
}

function rolloutOf(
  own: WorkloadParts,
  progress: Progress,
  at: Pick<RolloutInfo, 'generation' | 'revision'>,
): RolloutInfo | null {
  const { workload } = own;
  if (workload.kind !== 'Deployment' && workload.kind !== 'StatefulSet') return null;
  const newestReady = newestPods(own).filter(isReady).length;
  return {
    ...at,
    state: { done: 'succeeded', failed: 'failed', progressing: 'progressing' }[
      progress.state
    ] as RolloutInfo['state'],
    updatedInstances: newestReady,
    totalInstances: podsOf(workload),
    startedAt: null,
    endedAt: null,
    reason: progress.state === 'failed' ? 'RolloutFailed' : null,
    message: progress.state === 'failed' ? progress.message : null,
    pausedBy: null,
  };
}

function instanceOf(pod: LiveObject, index: number): InstanceStatus {
  const containers = listAt(pod, 'status', 'containerStatuses');
  const [container] = containers;
  const running = at(container, 'state', 'running') !== undefined;
  const ended = fieldsAt(container, 'lastState', 'terminated');
  const isStopping = at(pod, 'metadata', 'deletionTimestamp') !== undefined;
  const finishedAt = textAt(ended, 'finishedAt');
  const restarts = containers.reduce((sum, one) => sum + numberAt(one, 'restartCount'), 0);
  return {
    id: index,
    slot: slotOf(pod) ?? index,
    pid: null,
    state: isStopping ? 'stopping' : running ? 'running' : hasEnded(pod) ? 'exited' : 'starting',
    ready: isReady(pod),
    restarts,
    startedAt: textAt(container, 'state', 'running', 'startedAt') ?? null,
    lastRestartAt: restarts > 0 ? (finishedAt ?? null) : null,
    cpuPercent: null,
    memoryBytes: null,
    says: pod.metadata.name,
    lastExit:
      finishedAt === undefined
        ? null
        : {
            code: numberAt(ended, 'exitCode'),
            signal: null,
            reason: 'Exited',
            at: finishedAt,
            error: textAt(ended, 'reason') ?? null,
          },
  };
}

/** The number that pods of a StatefulSet have at the end of their names. */
export function slotOf(pod: LiveObject): number | null {
  const isNumbered = listAt(pod, 'metadata', 'ownerReferences').some(({ kind }) => kind === 'StatefulSet');
  const [, number] = /-(\d+)$/.exec(pod.metadata.name) ?? [];
  return isNumbered && number !== undefined ? Number(number) : null;
}

function newest(objects: readonly LiveObject[]): LiveObject | null {
  return objects.toSorted((a, b) => created(b).localeCompare(created(a))).at(0) ?? null;
}

function created(object: LiveObject): string {
  return textAt(object, 'metadata', 'creationTimestamp') ?? '';
}
