import { at, fieldsAt, listAt, numberAt, textAt, type Fields } from '../live/fields.ts';
import type { LiveObject } from '../live/live-object.ts';

/** A pod that will not come to work by waiting, and why. */
export interface PodTrouble {
  readonly pod: string;
  /** As the API calls it: `CrashLoopBackOff`. */
  readonly reason: string;
  readonly message: string;
  /** Its last words are those of the container before the present one. */
  readonly isPrevious: boolean;
}

/** Reasons for which a container waits that do not pass: a first failed pull may, so that is none. */
const HOPELESS: ReadonlySet<string> = new Set([
  ...['CrashLoopBackOff', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'],
  ...['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'],
]);

/** The first of these pods that cannot come to work; null: all of them may. */
export function troubleOf(pods: readonly LiveObject[]): PodTrouble | null {
  for (const pod of pods) {
    for (const container of listAt(pod, 'status', 'containerStatuses')) {
      const waiting = fieldsAt(container, 'state', 'waiting');
      const reason = textAt(waiting, 'reason') ?? '';
      if (!HOPELESS.has(reason)) continue;
      const message =
        reason === 'CrashLoopBackOff' ? lastEnd(container) : (textAt(waiting, 'message') ?? reason);
      return { pod: pod.metadata.name, reason, message, isPrevious: reason === 'CrashLoopBackOff' };
    }
  }
  return null;
}

/** `keeps ending: exit code 1`, `keeps ending: out of memory` */
function lastEnd(container: Fields): string {
  const last = fieldsAt(container, 'lastState', 'terminated');
  const reason = textAt(last, 'reason');
  if (reason === 'OOMKilled') return 'keeps ending: out of memory (limits.memory)';
  const signal = at(last, 'signal');
  if (typeof signal === 'number' && signal > 0) return `keeps ending: signal ${signal}`;
  return `keeps ending: exit code ${numberAt(last, 'exitCode')}`;
}

/** Why a pod has no node yet, as the scheduler says; null: it has one, or nobody has said. */
export function unscheduled(pods: readonly LiveObject[]): string | null {
  for (const pod of pods) {
    const condition = listAt(pod, 'status', 'conditions').find(
      ({ type, status }) => type === 'PodScheduled' && status === 'False',
    );
    if (condition !== undefined) return textAt(condition, 'message') ?? textAt(condition, 'reason') ?? null;
  }
  return null;
}

export function isReady(pod: LiveObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}
