import type { Condition, ConditionType, HealthStatus } from '../../plan/model/health.ts';
import type { PublishedStatus } from '../../reconcile/status-table.ts';

/** Which condition says it best, and what of its message a table that counts instances says already. */
const TELLING: Readonly<Record<HealthStatus, ConditionType | null>> = {
  Healthy: null,
  Completed: null,
  Stopped: 'Overridden',
  Suspended: 'Progressing',
  Progressing: 'Ready',
  Degraded: 'Ready',
  CrashLoop: 'Ready',
  Failed: 'Ready',
  Missing: 'Ready',
};
const COUNTED = /^\d+ of \d+ instances ready(?:: |$)/;

/** Why an app is not healthy, in a line without a full stop; null: it is, or nothing is known yet. */
export function attentionOf({ health }: PublishedStatus): string | null {
  const type = TELLING[health.health];
  if (type === null) return null;
  const find = (wanted: ConditionType): Condition | undefined =>
    health.conditions.find((condition) => condition.type === wanted);
  const told = find(type);
  // A stop that nobody has asked for: the app is not to run by itself.
  const condition = told?.type === 'Overridden' && told.status !== 'True' ? find('Ready') : told;
  const message = condition?.message.replace(COUNTED, '') ?? '';
  return message === '' ? null : message;
}
