import type { AppKey } from '../lib/app-key.ts';
import { atOnce, type Pieces } from '../lib/turns/pieces.ts';
import { viewHost, type HostView } from './model/host-view.ts';
import type { AppPlan } from './app-plan.ts';
import { planOne, rememberSlots, type PlanOptions } from './plan-app.ts';
import { summarize } from './summary.ts';
import type { DesiredApp } from './model/desired.ts';
import type { Observed } from './model/observed.ts';
import type { Plan } from './model/plan.ts';

/**
 * Compares what should be with what is. Pure and total: the same input in any order gives the same plan, in time
 * proportional to the number of apps and processes.
 *
 * `observed` holds only what the caller owns: an instance or an accepted app that is not in `desired` is removed.
 * `now` is epoch milliseconds.
 */
export function plan(
  desired: readonly DesiredApp[],
  observed: Observed,
  now: number,
  options: PlanOptions = {},
): Plan {
  return atOnce(planPieces(desired, observed, now, options));
}

/** The same, a piece for each app. */
export function* planPieces(
  desired: readonly DesiredApp[],
  observed: Observed,
  now: number,
  options: PlanOptions = {},
): Pieces<Plan> {
  const { host, keys } = viewHost(desired, observed);
  const context = { ...options, now, slotsOf: rememberSlots(host, now) };
  const plans: AppPlan[] = [];
  for (const key of keys) {
    plans.push(planOne(key, host, context));
    yield;
  }
  return mergeAppPlans(plans);
}

/**
 * The part of `plan` about one app: what the loop does with one key. A key that is not desired is planned for removal,
 * so the caller passes owned keys only.
 */
export function planApp(
  key: AppKey,
  host: HostView,
  options: PlanOptions & { readonly now: number },
): AppPlan {
  return planOne(key, host, { ...options, slotsOf: rememberSlots(host, options.now) });
}

/** Merges plans of single apps, which are sorted by key. */
export function mergeAppPlans(plans: readonly AppPlan[]): Plan {
  const waits = plans.flatMap(({ requeueAfterMs }) => (requeueAfterMs === null ? [] : [requeueAfterMs]));
  return {
    changes: plans.map(({ change }) => change),
    summary: summarize(plans),
    actions: plans.flatMap(({ actions }) => actions),
    holds: plans.flatMap(({ holds }) => holds),
    health: plans.map(({ health }) => health),
    requeueAfterMs: waits.length === 0 ? null : waits.reduce((a, b) => Math.min(a, b)),
  };
}
