import type { AppSpec } from '../../spec/types.ts';
import { keepsAddresses } from '../slots/addresses.ts';
import { isUpToDate } from '../slots/effective.ts';
import { isScheduled } from '../slots/schedule.ts';
import { activeInstances } from '../slots/slot.ts';
import type { AppSlots } from '../slots/slots.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';

/** How far an app may be from its number of instances during a rollout. */
export interface RolloutBounds {
  /** Processes above the number of instances. */
  readonly maxSurge: number;
  /** Slots that a rollout may leave without a ready instance. */
  readonly maxUnavailable: number;
  /** Slots that may be in replacement at the same time. */
  readonly parallel: number;
}

/** Stop, then start, one slot after the other: for jobs, where a second process would be a second run. */
export const STOP_THEN_START: RolloutBounds = { maxSurge: 0, maxUnavailable: 1, parallel: 1 };

/** The bounds that the spec sets. Both 0 would replace nothing, so it means one at a time. */
export function rolloutBounds({ spec }: { readonly spec: AppSpec }): RolloutBounds {
  if (isScheduled(spec)) return STOP_THEN_START;
  const { max_surge, max_unavailable, parallel } = spec.rollout;
  const maxSurge = Math.max(0, max_surge);
  const maxUnavailable = Math.max(maxSurge === 0 ? 1 : 0, max_unavailable);
  return { maxSurge, maxUnavailable, parallel: Math.max(1, parallel) };
}

/**
 * The bounds that the processes allow. While one lives that keeps its addresses to itself, a new process could not listen
 * on them, so nothing is started beside it.
 */
export function boundsNow({ app, slots }: AppSlots): RolloutBounds {
  const bounds = rolloutBounds(app);
  const live = slots.flatMap((slot) => [...activeInstances(slot), ...slot.stopping, ...slot.unverified]);
  if (!live.some((instance) => keepsAddresses(instance, app))) return bounds;
  return { ...bounds, maxSurge: 0, maxUnavailable: Math.max(1, bounds.maxUnavailable) };
}

/** Whether `restart --now` replaces this process: at once, with all the others, and without draining. */
export function isRestartedNow(instance: ObservedInstance, app: DesiredApp): boolean {
  if (app.lastRestart?.now !== true || isScheduled(app.spec)) return false;
  return instance.templateHash === app.templateHash && !isUpToDate(instance, app);
}
