import type { AppPlan } from './app-plan.ts';
import type { PlanSummary } from './model/plan.ts';

/** The summary of a plan of nothing. */
export const NO_CHANGES: PlanSummary = {
  create: 0,
  scale: 0,
  live: 0,
  roll: 0,
  start: 0,
  stop: 0,
  restart: 0,
  remove: 0,
  unchanged: 0,
  processesTouched: 0,
  processesUntouched: 0,
};

/** A summary in the making. */
export type Counting = { -readonly [K in keyof PlanSummary]: PlanSummary[K] };

/** Counts the changes by kind, and the processes that they touch or leave alone. */
export function summarize(plans: readonly Pick<AppPlan, 'change' | 'untouched'>[]): PlanSummary {
  const summary: Counting = { ...NO_CHANGES };
  for (const { change, untouched } of plans) {
    summary[change.kind] = (summary[change.kind] ?? 0) + 1;
    summary.processesTouched += change.touches;
    summary.processesUntouched += untouched;
  }
  return summary;
}

/** The summary of several plans together. */
export function addSummaries(summaries: readonly PlanSummary[]): PlanSummary {
  const total: Record<string, number> = { ...NO_CHANGES };
  for (const summary of summaries) {
    for (const [name, amount] of Object.entries<number>({ ...summary }))
      total[name] = (total[name] ?? 0) + amount;
  }
  return { ...NO_CHANGES, ...total };
}
