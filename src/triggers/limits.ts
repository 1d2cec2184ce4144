import { groupBy } from '../lib/collections.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { Condition } from '../plan/model/health.ts';
import { showCondition, withdrawCondition, type Showing } from './show-condition.ts';
import type { Trigger, TriggerInstance } from './trigger.ts';

const TYPE = 'Limited';
const REMEDY = 'run the daemon in a systemd unit of its own with Delegate=yes';
const OLD_RUNNER =
  'the runner that started it knows none yet; `stateward daemon stop --all`, then apply, ends it and starts a new one';

/** Shows whether the limits of apps hold, as a condition and an event. It never asks for a restart. */
export function limitsTrigger(options: Showing): Trigger {
  let shown: ReadonlySet<AppKey> = new Set();
  return {
    sync(view) {
      const limited = view.apps.filter(isLimited);
      if (limited.length === 0 && shown.size === 0) return;
      const running = view.instances.filter(({ state }) => state === 'running' || state === 'stopping');
      const instances = groupBy(running, ({ key }) => key);
      for (const app of limited) {
        const condition = conditionOf(app, instances.get(app.key) ?? []);
        if (condition === null) withdrawCondition(options, app.key, TYPE);
        else if (condition !== undefined) {
          showCondition(options, app.key, condition, condition.status === 'True' ? 'info' : 'warning');
        }
      }
      const keys = new Set(limited.map(({ key }) => key));
      for (const key of shown) if (!keys.has(key)) withdrawCondition(options, key, TYPE);
      shown = keys;
    },
    close: () => undefined,
  };
}

function isLimited({ spec }: DesiredApp): boolean {
  return spec.limits !== null;
}

/**
 * null: nothing to show; undefined: what is shown still holds, as between two processes. A process that was started
 * before the limits were declared does not count.
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
    return { type: TYPE, status: 'False', reason: 'LimitsUnavailable', message };
  }
  if (first?.limits === undefined) return undefined;
  return { type: TYPE, status: 'True', reason: 'LimitsSet', message: first.limits.message };
}
