import type { PlanDocument } from '../../../api/contract/wire/plan.ts';

/** Whether applying this plan would change anything, be it a process or only a setting. */
export function hasChanges({ changes }: PlanDocument): boolean {
  return changes.some(({ kind }) => kind !== 'unchanged');
}
