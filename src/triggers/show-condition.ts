import type { AppKey } from '../lib/app-key.ts';
import type { Clock } from '../lib/clocks/clock.ts';
import type { Condition } from '../plan/model/health.ts';
import type { StatusTable } from '../reconcile/status-table.ts';
import type { EventRecord } from '../state/model/types.ts';
import type { Store } from '../state/store.ts';
import type { TriggerOutlet } from './trigger.ts';

/** Where a trigger shows what it has found out about an app. */
export interface Showing {
  readonly clock: Pick<Clock, 'now'>;
  readonly outlet: Pick<TriggerOutlet, 'submit'>;
  readonly status: Pick<StatusTable, 'report'>;
  readonly store: Pick<Store, 'appendEvent'>;
}

/**
 * Shows a condition of an app until it is withdrawn, and appends an event of this level; null: no event. A condition
 * that is shown already is not shown again.
 */
export function showCondition(
  { clock, outlet, status, store }: Showing,
  key: AppKey,
  condition: Condition,
  level: EventRecord['level'] | null,
): void {
  if (!status.report(key, condition.type, condition)) return;
  outlet.submit(key, 'condition');
  if (level === null) return;
  const { reason, message } = condition;
  store.appendEvent({
    at: clock.now(),
    level,
    reason,
    message,
    key,
    slot: null,
    pid: null,
    generation: null,
  });
}

/** Takes a condition back. */
export function withdrawCondition(
  { outlet, status }: Pick<Showing, 'outlet' | 'status'>,
  key: AppKey,
  type: Condition['type'],
): void {
  if (status.report(key, type, null)) outlet.submit(key, 'condition');
}
