import type { Clock } from '../lib/clock.ts';
import { splitAppKey, type AppKey } from '../lib/app-key.ts';
import type { Driver } from '../driver/driver.ts';
import { isUpToDate } from '../plan/slots/effective.ts';
import type { StatusTable } from '../reconcile/status-table.ts';
import type { Store } from '../state/store.ts';
import { dependencyRestarts, type SettledProcess } from '../triggers/dependency-restarts.ts';
import type { Trigger, TriggerOutlet } from '../triggers/trigger.ts';

export interface DependencyTriggerOptions {
  readonly outlet: TriggerOutlet;
  readonly clock: Clock;
  readonly store: Store;
  readonly driver: Pick<Driver, 'instancesOf'>;
  readonly status: StatusTable;
  readonly log: (line: string) => void;
}

/** The trigger of `depends_on` with `restart: true`, over what the controller knows. */
export function dependencyTrigger(options: DependencyTriggerOptions): Trigger {
  const { outlet, clock, store, driver, status, log } = options;
  return dependencyRestarts({
    outlet,
    clock,
    settled: (key) => settledProcesses(key, options),
    startsOf: (app) =>
      driver
        .instancesOf(app.key)
        .filter((instance) => instance.state === 'running' && isUpToDate(instance, app))
        .map(({ startedAt }) => startedAt),
    marksOf(key) {
      const { project, name } = splitAppKey(key);
      return store.project(project)?.apps[name]?.dependencyMarks ?? {};
    },
    markSeen(key, dependencyMarks) {
      store.commit({ kind: 'dependencies-seen', key, dependencyMarks }).then(
        (committed) => {
          if (!committed.ok) log(`${key}: cannot record its dependencies: ${committed.error.message}`);
        },
        (error: unknown) => log(`${key}: cannot record its dependencies: ${String(error)}`),
      );
    },
    subscribe: (listener) => status.subscribe(listener),
  });
}

/**
 * What runs in the slots of an app that has converged, or ended there for good. The verdict can be older than the
 * table: a slot that is empty now, or holds a process that starts, is not settled.
 */
function settledProcesses(
  key: AppKey,
  { status, driver, store }: DependencyTriggerOptions,
): Readonly<Record<string, SettledProcess>> | null {
  const verdict = status.verdict(key);
  if (verdict?.converged !== true || verdict.desiredInstances === 0) return null;
  const found: Record<string, SettledProcess> = {};
  const instances = driver.instancesOf(key);
  const { slots } = store.history(key);
  for (let slot = 0; slot < verdict.desiredInstances; slot++) {
    const [live, ...others] = instances.filter(
      (instance) => instance.slot === slot && instance.state !== 'exited',
    );
    // One of them is being replaced by the other.
    if (others.length > 0) return null;
    const ended = slots.find((history) => history.slot === slot);
    if (live?.state === 'running') found[slot] = { nonce: live.nonce, at: live.startedAt };
    else if (live === undefined && verdict.health === 'Completed' && ended?.lastNonce != null)
      found[slot] = { nonce: ended.lastNonce, at: ended.lastExit?.at ?? 0 };
    else return null;
  }
  return found;
}
