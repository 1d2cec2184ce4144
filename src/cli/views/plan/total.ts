import type { ChangeKind, PlanSummary } from '../../../plan/model/plan.ts';
import { count } from '../text/quantities.ts';

const COUNTED: readonly (readonly [Exclude<ChangeKind, 'unchanged'>, string])[] = [
  ['create', 'to create'],
  ['scale', 'to scale'],
  ['live', 'to update live'],
  ['roll', 'to roll'],
  ['reload', 'to reload'],
  ['restart', 'to restart'],
  ['run', 'to run'],
  ['start', 'to start'],
  ['stop', 'to stop'],
  ['remove', 'to remove'],
];

/** `Plan: 1 to create, 12 unchanged. 7 processes touched, 23 not.` */
export function renderTotal(summary: PlanSummary): string {
  const parts = COUNTED.filter(([kind]) => (summary[kind] ?? 0) > 0).map(
    ([kind, word]) => `${summary[kind]} ${word}`,
  );
  const what = [...parts, `${summary.unchanged} unchanged`].join(', ');
  return `Plan: ${what}. ${touched(summary)} touched, ${summary.processesUntouched} not.`;
}

/** `7 processes`. */
export function touched({ processesTouched }: PlanSummary): string {
  return count(processesTouched, 'process', 'processes');
}
