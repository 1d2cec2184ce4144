import { listAt, numberAt, textAt, at } from '../live/fields.ts';
import { labelOf, type LiveObject } from '../live/live-object.ts';
import { troubleOf, unscheduled, type PodTrouble } from './trouble.ts';

/** How far a workload is on its way to what is asked of it. */
export type Progress =
  | { readonly state: 'done' }
  /** `message`: what it waits for. */
  | { readonly state: 'progressing'; readonly message: string }
  /** `isLate`: it was given up for taking too long. */
  | {
      readonly state: 'failed';
      readonly message: string;
      readonly isLate: boolean;
      readonly trouble: PodTrouble | null;
    };

/** What belongs to one workload. */
export interface WorkloadParts {
  readonly workload: LiveObject;
  /** ReplicaSets and pods of its project. */
  readonly replicaSets: readonly LiveObject[];
  readonly pods: readonly LiveObject[];
}

export function progressOf(parts: WorkloadParts): Progress {
  switch (parts.workload.kind) {
    case 'Deployment':
      return deploymentProgress(parts);
    case 'StatefulSet':
      return statefulSetProgress(parts);
    case 'Job':
      return jobProgress(parts.workload);
    default:
      return { state: 'done' };
  }
}

/** Pods of the newest version of a workload; of a Job all of them. */
export function newestPods({ workload, replicaSets, pods }: WorkloadParts): readonly LiveObject[] {
  switch (workload.kind) {
    case 'Deployment': {
      const revision = revisionOf(workload);
      const set = replicaSets.find(
        (one) => isOwnedBy(one, workload) && revisionOf(one) === revision && revision !== '',
      );
      return set === undefined ? [] : pods.filter((pod) => isOwnedBy(pod, set));
    }
    case 'StatefulSet': {
      const revision = textAt(workload, 'status', 'updateRevision');
      return pods.filter(
        (pod) => isOwnedBy(pod, workload) && labelOf(pod, 'controller-revision-hash') === revision,
      );
    }
    default:
      return pods.filter((pod) => isOwnedBy(pod, workload));
  }
}

function deploymentProgress(parts: WorkloadParts): Progress {
  const { workload } = parts;
  if (!isSeen(workload)) return { state: 'progressing', message: 'its controller has not seen it yet' };
  const refused = conditionOf(workload, 'ReplicaFailure');
  if (refused?.status === 'True') return failed(`no pod can be made: ${refused.message}`);
  const failing = podFailure(parts);
  if (failing !== null) return failing;
  const progress = conditionOf(workload, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    return failed(`no progress within ${numberAt(workload, 'spec', 'progressDeadlineSeconds')} s`, true);
  }
  const wanted = numberAt(workload, 'spec', 'replicas');
  const updated = numberAt(workload, 'status', 'updatedReplicas');
  const old = numberAt(workload, 'status', 'replicas') - updated;
  const available = numberAt(workload, 'status', 'availableReplicas');
  return counted(parts, [
    [updated >= wanted, `${updated} of ${wanted} instances are new`],
    [old <= 0, `${old} old ${old === 1 ? 'instance is' : 'instances are'} there still`],
    [available >= wanted, `${available} of ${wanted} instances are available`],
  ]);
}

function statefulSetProgress(parts: WorkloadParts): Progress {
  const { workload } = parts;
  if (!isSeen(workload)) return { state: 'progressing', message: 'its controller has not seen it yet' };
  const failing = podFailure(parts);
  if (failing !== null) return failing;
  const wanted = numberAt(workload, 'spec', 'replicas');
  const ready = numberAt(workload, 'status', 'readyReplicas');
  const [current, next] = ['currentRevision', 'updateRevision'].map((key) => textAt(workload, 'status', key));
  const updated = current === next ? wanted : numberAt(workload, 'status', 'updatedReplicas');
  // Older servers do not count them.
  const counts = at(workload, 'status', 'availableReplicas') !== undefined;
  const available = counts ? numberAt(workload, 'status', 'availableReplicas') : ready;
  return counted(parts, [
    [updated >= wanted, `${updated} of ${wanted} instances are new`],
    [ready >= wanted, `${ready} of ${wanted} instances are ready`],
    [available >= wanted, `${available} of ${wanted} instances are available`],
  ]);
}

function jobProgress(job: LiveObject): Progress {
  const end = conditionOf(job, 'Failed');
  if (end?.status === 'True') return failed(end.message === '' ? 'it has failed' : end.message);
  if (conditionOf(job, 'Complete')?.status === 'True' || at(job, 'spec', 'suspend') === true)
    return { state: 'done' };
  return { state: 'progressing', message: 'it runs' };
}

/** The first of these that does not hold, or done. */
function counted(parts: WorkloadParts, steps: readonly (readonly [boolean, string])[]): Progress {
  const [step] = steps.filter(([holds]) => !holds);
  if (step === undefined) return { state: 'done' };
  const why = unscheduled(newestPods(parts));
  return { state: 'progressing', message: why === null ? step[1] : `${step[1]}: ${why}` };
}

function podFailure(parts: WorkloadParts): Progress | null {
  const trouble = troubleOf(newestPods(parts));
  return trouble === null ? null : { ...failed(`${trouble.message} (${trouble.reason})`), trouble };
}

function failed(message: string, isLate = false): Extract<Progress, { readonly state: 'failed' }> {
  return { state: 'failed', message, isLate, trouble: null };
}

/** Whether its status is about what is asked of it now. */
function isSeen(workload: LiveObject): boolean {
  return numberAt(workload, 'status', 'observedGeneration') >= numberAt(workload, 'metadata', 'generation');
}

export function revisionOf(object: LiveObject): string {
  return textAt(object, 'metadata', 'annotations', 'deployment.kubernetes.io/revision') ?? '';
}

export function isOwnedBy(object: LiveObject, owner: LiveObject): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some(
    ({ uid }) => uid !== undefined && uid === owner.metadata['uid'],
  );
}

export interface ObjectCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function conditionOf(object: LiveObject, type: string): ObjectCondition | undefined {
  const found = listAt(object, 'status', 'conditions').find((condition) => condition['type'] === type);
  if (found === undefined) return undefined;
  return {
    status: textAt(found, 'status') ?? '',
    reason: textAt(found, 'reason') ?? '',
    message: textAt(found, 'message') ?? '',
  };
}
