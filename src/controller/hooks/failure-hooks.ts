import type { FailureReport } from '../../api/contract/wire/events.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Driver, HookOrder } from '../../driver/driver.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import { isScheduled, outcomeOf } from '../../plan/slots/schedule.ts';
import type { HealthStatus } from '../../plan/model/health.ts';
import { hookOf } from '../../spec/hooks/hooks.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { EventRecord } from '../../state/model/types.ts';
import type { SecretBook } from '../secrets/secret-book.ts';
import type { Store } from '../../state/store.ts';
import { toRfc3339 } from '../views/wire-values.ts';
import { failureQueue } from './failure-queue.ts';

export interface FailureHooksOptions {
  readonly driver: Pick<Driver, 'startHook' | 'hooksOf' | 'instancesOf' | 'subscribe'>;
  readonly store: Pick<Store, 'subscribe' | 'desiredApp' | 'history'>;
  readonly status: Pick<StatusTable, 'subscribe' | 'health'>;
  readonly secrets: Pick<SecretBook, 'forCommand'>;
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly newNonce: () => string;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
}

/** For so long an app that is well now and then is not told to be as bad as before, for the same reason, once more. */
const REPEAT_MS = 5 * 60_000;

const BAD: readonly HealthStatus[] = ['Failed', 'CrashLoop'];

/**
 * Runs on_failure when an app comes to be Failed or in a CrashLoop, when a rollout of it fails, and when a run of a scheduled
 * job does. It follows what is told
 * anyway, so nothing waits for it. What was bad already when the controller came up has been told before, if a run of the
 * hook for it is on record. An app that is well and bad in turn is told of once in five minutes, unless the failure, its
 * reason or the generation is another one.
 */
export function failureHooks(options: FailureHooksOptions): Cancel {
  const { store, status } = options;
  const health = new Map<AppKey, HealthStatus>();
  /** The event that said last what is wrong with an app. */
  const errors = new Map<AppKey, EventRecord>();
  /** When was told what of the health of each app. */
  const told = new Map<AppKey, ReadonlyMap<string, number>>();
  const isRepeated = (key: AppKey, of: string, reason: Reason): boolean => {
    const now = options.clock.monotonic();
    const recent = [...(told.get(key) ?? [])].filter(([, at]) => now - at < REPEAT_MS);
    const failure = `${of} ${reason}`;
    if (recent.some(([same]) => same === failure) || wasToldLately(key, { of, reason }, options)) return true;
    told.set(key, new Map([...recent, [failure, now]]));
    return false;
  };
  const { driver, secrets } = options;
  /** That a secret cannot be read may be what is to be told: the hook runs without it then. */
  const startHook: Driver['startHook'] = async (order) => {
    const { values } = await secrets.forCommand(order.app);
    return driver.startHook({ ...order, secrets: { values, unresolved: null } });
  };
  const hooksOf: Driver['hooksOf'] = (key) => driver.hooksOf(key);
  const subscribe: Driver['subscribe'] = (listener) => driver.subscribe(listener);
  const queue = failureQueue({ startHook, hooksOf, subscribe }, (key, message) =>
    options.log(`${key}: cannot run its on_failure hook: ${message}`),
  );
  const run = (key: AppKey, event: EventRecord, of: string): void => {
    const order = orderOf(key, event, { ...options, of });
    if (order !== null) queue.add(order);
  };
  const cancels = [
    queue.close,
    store.subscribe((event) => {
      if (event.key === null) return;
      const failedRun = failedRunOf(event, store);
      if (failedRun !== null) run(event.key, event, failedRun);
      if (event.level !== 'error') return;
      errors.set(event.key, event);
      if (event.reason === 'RolloutFailed') run(event.key, event, `rollout@${event.generation ?? 0}`);
    }),
    status.subscribe((key) => {
      const before = health.get(key);
      const now = status.health(key)?.health;
      const event = errors.get(key);
      if (now === undefined) health.delete(key);
      else health.set(key, now);
      if (now === undefined || now === before || !BAD.includes(now) || event === undefined) return;
      const of = `${now}@${store.desiredApp(key)?.generation ?? 0}`;
      if (before === undefined && wasTold(key, of, options)) return;
      // That a rollout has failed was told.
      if (event.reason === 'RolloutFailed' || isRepeated(key, of, event.reason)) return;
      run(key, event, of);
    }),
  ];
  return () => {
    for (const cancel of cancels) cancel();
  };
}

/** The run of a scheduled job that an event tells of, where it has failed: such an app is at rest again after it. */
function failedRunOf(
  { key, slot, reason }: EventRecord,
  store: Pick<Store, 'desiredApp' | 'history'>,
): string | null {
  if (key === null || slot === null || !ENDS.includes(reason)) return null;
  const spec = store.desiredApp(key)?.spec;
  if (spec === undefined || !isScheduled(spec)) return null;
  const exit = store.history(key).slots.find((entry) => entry.slot === slot)?.lastExit ?? null;
  return exit !== null && outcomeOf(exit, spec) === 'failed' ? `run@${exit.at}` : null;
}

/** What is said of a process that has ended by itself, or was not started. */
const ENDS: readonly Reason[] = ['Exited', 'Killed', 'StartFailed'];

function wasTold(key: AppKey, of: string, { store, driver }: FailureHooksOptions): boolean {
  const runs = [...(store.history(key).hooks ?? []), ...driver.hooksOf(key).map(({ hook }) => hook)];
  return runs.some((one) => one.name === 'on_failure' && one.of === of);
}

/** By a controller before this one too. */
function wasToldLately(
  key: AppKey,
  { of, reason }: { readonly of: string; readonly reason: Reason },
  { store, clock }: FailureHooksOptions,
): boolean {
  return (store.history(key).hooks ?? []).some(
    (run) =>
      run.name === 'on_failure' &&
      run.of === of &&
      run.reason === reason &&
      Math.abs(clock.now() - run.startedAt) < REPEAT_MS,
  );
}

/** As much as the hook is given to read of a message. */
const MESSAGE_LENGTH = 8_000;

/** null: the app has no such hook. */
function orderOf(
  key: AppKey,
  event: EventRecord,
  { driver, store, newNonce, status, of }: FailureHooksOptions & { readonly of: string },
): HookOrder | null {
  const app = store.desiredApp(key);
  if (app === undefined || hookOf(app.spec, 'on_failure') === undefined) return null;
  const { project, name } = splitAppKey(key);
  const { seq, level, reason, slot, pid } = event;
  const report: FailureReport = {
    apiVersion: 'v1',
    kind: 'FailureReport',
    ...{ project, app: name, seq, level, reason, slot, pid },
    at: toRfc3339(event.at),
    message: event.message.slice(0, MESSAGE_LENGTH),
    generation: event.generation ?? app.generation,
    revision: app.revision,
    health: status.health(key)?.health ?? null,
  };
  const about = driver.instancesOf(key).findLast((instance) => instance.slot === (slot ?? 0));
  return {
    ...{ nonce: newNonce(), app, facts: { pid }, ports: about?.ports },
    run: { name: 'on_failure', of, slot: null, reason },
    input: `${JSON.stringify(report)}\n`,
  };
}
