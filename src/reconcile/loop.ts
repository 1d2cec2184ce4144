import type { AppKey } from '../lib/app-key.ts';
import type { Clock } from '../lib/clock.ts';
import type { Driver, DriverEvent } from '../driver/driver.ts';
import { allDependencies } from '../plan/decide/dependents.ts';
import { runMode } from '../plan/slots/effective.ts';
import type { HostView } from '../plan/model/host-view.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { AppPlan } from '../plan/plan-app.ts';
import { planApp } from '../plan/plan.ts';
import type { RemovalReason } from '../plan/removal.ts';
import { withListening, withReadiness } from '../plan/slots/readiness.ts';
import type {
  AcceptedApp,
  Action,
  DesiredApp,
  NotReady,
  ObservedInstance,
  RolloutVerdict,
} from '../plan/model/types.ts';
import { Bound } from './bound.ts';
import {
  exitEvent,
  executedEvent,
  healthEvent,
  noticeEvent,
  promiseEvents,
  type LoopEvent,
} from './events.ts';
import { createExecutor } from './executor.ts';
import { takeExitsIntoHistory, type HistoryBook } from './exits.ts';
import { KeyedQueue } from './queue.ts';
import { ReadySince } from './ready-since.ts';
import type { StatusTable } from './status-table.ts';

/** What the loop reads of the durable state, and writes to it. */
export interface LoopState extends HistoryBook {
  desiredApp(key: AppKey): DesiredApp | undefined;
  desiredKeys(): readonly AppKey[];
  /**
   * Whether a process of an app that is not desired is ours to stop: its project is one of this home, and no newer
   * revision started it than the one that is known. (State that was lost in part must not end what it would have kept.)
   */
  owns(instance: Pick<ObservedInstance, 'key' | 'revision'>): boolean;
  /** An app that has left the desired state: how it was declared last, and why it goes. */
  leaving(key: AppKey): { readonly accepted: AcceptedApp; readonly reason: RemovalReason } | undefined;
  /** Nothing is left of an app that had left the desired state. */
  gone(key: AppKey): void;
  /** Apps of the same project that name this one in depends_on, those that leave the desired state too. */
  dependentsOf(key: AppKey): readonly AppKey[];
  flushHistory(): Promise<void>;
  appendEvent(event: LoopEvent): void;
}

export interface LoopOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly newNonce: () => string;
  readonly driver: Driver;
  readonly state: LoopState;
  /** Where the loop publishes what it finds out. */
  readonly status: StatusTable;
  /** What a process of an app would run that is started now; absent: nobody knows. */
  readonly codeOf?: (app: DesiredApp) => Promise<CodeIdentity | undefined>;
  /**
   * What probes and messages say of a process: ready, or what it lacks; null where the app has none, and readiness is being up
   * for min_uptime.
   */
  readonly probedReady: (instance: ObservedInstance, app: DesiredApp) => boolean | NotReady | null;
  /**
   * Has it recorded how a rollout has ended. True when the desired state is another one by it; then the plan that said so
   * is not carried out, and another is made.
   */
  readonly onRollout: (app: DesiredApp, verdict: RolloutVerdict) => Promise<boolean>;
  /** Apps worked on at once. */
  readonly concurrency: number;
  /** Starts under way at once, over all apps. */
  readonly startsAtOnce: number;
  readonly onError: (key: AppKey, error: unknown, retryInMs: number) => void;
}

/**
 * Observe, plan, execute, one app at a time and never twice at once.
 *
 * Level-triggered: a key in the queue says "look at this app", never what happened. Everything that happened is read
 * from the process table, the history and the desired state when the key's turn comes, so an event that is missed or
 * comes twice does no harm.
 */
export class ReconcileLoop {
  /** What the loop last found out about every app. */
  readonly status: StatusTable;
  readonly #options: LoopOptions;
  readonly #queue: KeyedQueue<AppKey>;
  readonly #execute: ReturnType<typeof createExecutor>;
  readonly #readySince: ReadySince;
  /** Processes that were asked to stop, by nonce: when, on the monotonic clock. */
  readonly #stopping = new Map<string, number>();
  #unsubscribe: (() => void) | undefined;

  constructor(options: LoopOptions) {
    const { clock, driver, newNonce, state } = options;
    this.#options = options;
    this.status = options.status;
    this.#readySince = new ReadySince(() => clock.monotonic());
    this.#queue = new KeyedQueue({
      clock,
      concurrency: options.concurrency,
      work: (key) => this.#reconcile(key),
      onError: options.onError,
    });
    this.#execute = createExecutor({
      driver,
      newNonce,
      codeOf: options.codeOf,
      starts: new Bound(options.startsAtOnce),
      flushHistory: () => state.flushHistory(),
    });
  }

  /** Begins to listen to the driver and looks at every app once. */
  start(): void {
    this.#unsubscribe = this.#options.driver.subscribe((event) => this.#onDriverEvent(event));
    this.submitAll();
  }

  /** Has one app looked at. */
  submit(key: AppKey): void {
    this.#queue.add(key);
  }

  /** Has every app looked at that is desired or that has a process. */
  submitAll(): void {
    const { driver, state } = this.#options;
    const keys = new Set([...state.desiredKeys(), ...driver.instances().map(({ key }) => key)]);
    for (const key of keys) this.#queue.add(key);
  }

  /** The processes of an app as the loop sees them, with their readiness. */
  observe(key: AppKey): readonly ObservedInstance[] {
    const { state, driver, probedReady } = this.#options;
    const app = state.desiredApp(key);
    const instances = driver.instancesOf(key);
    if (app === undefined) return instances.filter((instance) => state.owns(instance));
    const probed = instances.map((instance) => withReadiness(instance, probedReady(instance, app)));
    return this.#readySince.observe(app, withListening(probed, app));
  }

  /** Every process, as the loop sees it; one of no desired app as the runner reports it. */
  observeAll(): readonly ObservedInstance[] {
    const { state, driver } = this.#options;
    const keys = new Set(driver.instances().map(({ key }) => key));
    return [...keys].flatMap((key) =>
      state.desiredApp(key) === undefined ? driver.instancesOf(key) : this.observe(key),
    );
  }

  /** Resolves when no app waits to be looked at. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Takes no more keys; resolves when the steps under way are done. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    await this.#queue.close();
  }

  #onDriverEvent(event: DriverEvent): void {
    switch (event.kind) {
      case 'instance':
        this.#queue.add(event.instance.key);
        break;
      case 'notice':
        this.#options.state.appendEvent(noticeEvent(event, this.#options.driver));
        break;
      case 'message':
        break;
      case 'connected':
      case 'disconnected':
        this.submitAll();
        break;
    }
  }

  async #reconcile(key: AppKey): Promise<void> {
    const { state, driver, clock } = this.#options;
    const app = state.desiredApp(key);
    const instances = driver.instancesOf(key);
    if (app === undefined && !instances.some((instance) => state.owns(instance))) {
      this.#forgetApp(key);
      return;
    }
    this.#recordExits(app, this.observe(key));
    const plan = planApp(key, this.#host(), {
      now: clock.now(),
      removalReason: () => state.leaving(key)?.reason ?? 'Unmanaged',
    });
    if (await this.#recordRollout(app, plan)) {
      this.#queue.add(key);
      return;
    }
    this.#publish(key, app, plan);
    await this.#executeAll(plan.actions, app);
    if (app === undefined && this.observe(key).length === 0) this.#forgetApp(key);
    if (plan.requeueAfterMs !== null) this.#queue.addAfter(key, plan.requeueAfterMs);
  }

  #recordRollout(app: DesiredApp | undefined, { rollout }: AppPlan): Promise<boolean> | false {
    return app !== undefined && rollout !== null && this.#options.onRollout(app, rollout);
  }

  #forgetApp(key: AppKey): void {
    this.#submitDependencies(key);
    this.#readySince.forget(key);
    this.#options.state.gone(key);
    this.status.remove(key);
  }

  /** An app that goes is what those that it depends on wait for, however far they are. */
  #submitDependencies(key: AppKey): void {
    for (const dependency of allDependencies(key, this.#host())) this.#queue.add(dependency);
  }

  /** Accepted is what is desired: in the loop there is nothing to compare a declaration with. */
  #host(): HostView {
    const { state, driver } = this.#options;
    return {
      reachable: driver.reachable,
      desiredApp: (key) => state.desiredApp(key),
      instancesOf: (key) => this.observe(key),
      historyOf: (key) => state.history(key),
      acceptedApp: (key) => state.desiredApp(key) ?? state.leaving(key)?.accepted,
      dependentsOf: (key) => state.dependentsOf(key),
    };
  }

  #recordExits(app: DesiredApp | undefined, instances: readonly ObservedInstance[]): void {
    const { state, random, clock } = this.#options;
    for (const instance of takeExitsIntoHistory({ app, instances, book: state, random })) {
      const askedAt = this.#stopping.get(instance.nonce);
      this.#stopping.delete(instance.nonce);
      state.appendEvent(exitEvent(instance, askedAt === undefined ? null : clock.monotonic() - askedAt));
    }
  }

  #publish(key: AppKey, app: DesiredApp | undefined, { verdict, holds }: AppPlan): void {
    const { state, clock } = this.#options;
    const before = this.status.verdict(key);
    const event = healthEvent(key, before, { after: verdict, holds });
    if (event !== undefined) state.appendEvent(event);
    for (const promise of promiseEvents(key, before, verdict)) state.appendEvent(promise);
    const generation = app?.generation ?? 0;
    this.status.publish(key, { verdict, holds, generation, now: clock.now() });
    if (before !== undefined && !matters(before, verdict)) return;
    for (const dependent of state.dependentsOf(key)) this.#queue.add(dependent);
    if (app === undefined || runMode(app.spec, app.override) === 'stopped') this.#submitDependencies(key);
  }

  /** One failed action does not keep the others from being carried out; then the app is tried again. */
  async #executeAll(actions: readonly Action[], app: DesiredApp | undefined): Promise<void> {
    for (const action of actions) {
      if (action.kind === 'stop') this.#stopping.set(action.nonce, this.#options.clock.monotonic());
    }
    const results = await Promise.all(actions.map((action) => this.#execute(action)));
    const problems: string[] = [];
    for (const result of results) {
      if (!result.ok) {
        problems.push(result.error.message);
        continue;
      }
      const event = executedEvent(result.value, app);
      if (event !== undefined) this.#options.state.appendEvent(event);
    }
    if (problems.length > 0 && this.#options.driver.reachable) throw new Error(problems.join('; '));
  }
}

/** Whether the change could let a dependent start that has waited. */
function matters(before: AppPlan['verdict'], after: AppPlan['verdict']): boolean {
  return (
    before.health !== after.health ||
    before.readyInstances !== after.readyInstances ||
    before.converged !== after.converged
  );
}
