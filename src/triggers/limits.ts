import type { AppKey } from '../lib/app-key.ts';
import type { Clock } from '../lib/clock.ts';
import type { Condition, DesiredApp } from '../plan/model/types.ts';
import type { StatusTable } from '../reconcile/status-table.ts';
import type { Store } from '../state/store.ts';
import type { Trigger, TriggerInstance, TriggerOutlet, TriggerView } from './trigger.ts';

export interface LimitsTriggerOptions {
  readonly clock: Clock;
  readonly outlet: Pick<TriggerOutlet, 'submit'>;
  readonly status: Pick<StatusTable, 'report'>;
  readonly store: Pick<Store, 'appendEvent'>;
}

const REMEDY = 'run the daemon in a systemd unit of its own with Delegate=yes';
const OLD_RUNNER =
  'the runner that started it knows none yet; `stateward daemon stop --all`, then apply, ends it and starts a new one';

/** Shows whether the limits of apps hold, as a condition and an event. It never asks for a restart. */
export function limitsTrigger(options: LimitsTriggerOptions): Trigger {
  let shown: ReadonlySet<AppKey> = new Set();
  return {
    sync(view) {
      const limited = view.apps.filter(isLimited);
      if (limited.length === 0 && shown.size === 0) return;
      const instances = instancesByApp(view.instances);
      for (const app of limited) {
        const condition = conditionOf(app, instances.get(app.key) ?? []);
        if (condition !== undefined) show(options, app.key, condition);
      }
      const keys = new Set(limited.map(({ key }) => key));
      for (const key of shown) if (!keys.has(key)) show(options, key, null);
      shown = keys;
    },
    close: () => undefined,
  };
}

function isLimited({ spec }: DesiredApp): boolean {
  return spec.limits !== null;
}

function instancesByApp(
  instances: TriggerView['instances'],
): ReadonlyMap<AppKey, readonly TriggerInstance[]> {
  const byApp = new Map<AppKey, TriggerInstance[]>();
  for (const instance of instances) {
    if (instance.state !== 'running' && instance.state !== 'stopping') continue;
    const others = byApp.get(instance.key);
    if (others === undefined) byApp.set(instance.key, [instance]);
    else others.push(instance);
  }
  return byApp;
}

/**
 * Null: nothing is to be said of it; undefined: what was said still holds, as between two processes. One that was
 * started before the limits were declared has no say.
 */
function conditionOf(app: DesiredApp, instances: readonly TriggerInstance[]): Condition | null | undefined {
  if (app.override?.run === 'stopped') return null;
  const current = instances.filter(
    ({ templateHash = app.templateHash }) => templateHash === app.templateHash,
  );
  const unlimited = current.find(({ limits }) => limits?.state !== 'set');
  const [first] = current;
  if (unlimited !== undefined) {
    const { limits } = unlimited;
    const why = limits === undefined ? OLD_RUNNER : `${limits.message}; ${REMEDY}`;
    const message = `runs without limits: ${why}`;
    return { type: 'Limited', status: 'False', reason: 'LimitsUnavailable', message };
  }
  if (first?.limits === undefined) return undefined;
  return { type: 'Limited', status: 'True', reason: 'LimitsSet', message: first.limits.message };
}

function show(
  { clock, outlet, status, store }: LimitsTriggerOptions,
  key: AppKey,
  condition: Condition | null,
): void {
  if (!status.report(key, 'Limited', condition)) return;
  outlet.submit(key);
  if (condition === null) return;
  store.appendEvent({
    at: clock.now(),
    level: condition.status === 'True' ? 'info' : 'warning',
    reason: condition.reason,
    message: condition.message,
    key,
    slot: null,
    pid: null,
    generation: null,
  });
}
