import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { specFor } from './effective.ts';
import { availableInMs, isAvailable, isReady, readyDeadlineInMs, readyInMs } from './readiness.ts';

/** A process that a slot keeps, measured by the spec of the version that it runs. */
export interface Occupant {
  readonly instance: ObservedInstance;
  readonly ready: boolean;
  /** Ready for `rollout.min_ready` without a break. */
  readonly available: boolean;
  /** Milliseconds after which time alone makes it ready, or null. */
  readonly readyInMs: number | null;
  /** Milliseconds after which time alone makes it available, or null. */
  readonly availableInMs: number | null;
  /** Milliseconds until being not ready is a failure, 0 or less once it is; null: no limit applies. */
  readonly deadlineInMs: number | null;
}

export function measure(instance: ObservedInstance, app: DesiredApp): Occupant {
  const spec = specFor(instance, app);
  return {
    instance,
    ready: isReady(instance, spec),
    available: isAvailable(instance, spec),
    readyInMs: readyInMs(instance, spec),
    availableInMs: availableInMs(instance, spec),
    deadlineInMs: readyDeadlineInMs(instance, spec),
  };
}

/** Not ready, as far as anybody can know: to end it takes nothing from anybody. */
export function isExpendable({ ready, instance }: Occupant): boolean {
  return !ready && instance.notReady?.undecided !== true;
}

/** Has not become ready by `listen_timeout`. */
export function isOverdue({ deadlineInMs }: Occupant): boolean {
  return deadlineInMs !== null && deadlineInMs <= 0;
}
