import type { AppKey } from '../lib/app-key.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import type { DriverError, DriverEvent } from '../driver/driver.ts';
import { allDependencies } from '../plan/decide/dependents.ts';
import { runMode } from '../plan/slots/effective.ts';
import type { HostView } from '../plan/model/host-view.ts';
import type { AppPlan } from '../plan/app-plan.ts';
import { planApp } from '../plan/plan.ts';
import type { RemovalReason } from '../plan/removal.ts';
import type { Action } from '../plan/model/actions.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { ObservedInstance } from '../plan/model/observed.ts';
import { capableEvent, executedEvent, healthEvent, noticeEvent, promiseEvents } from './events.ts';
import { exitEvent } from './exit-events.ts';
import { takeExitsIntoHistory } from './exits.ts';
import type { LoopOptions } from './loop-options.ts';
import { KeyedQueue } from './queue.ts';
import { roundActions, verdictText } from './round-words.ts';
import { RoundBook, type RoundCause, type RoundNotes } from './rounds.ts';
import { letsDependentsMove, type StatusTable } from './status-table.ts';

/**
 * Observe, plan, execute, one app at a time and never twice at once.
 *
 * Level-triggered: a key in the queue says "look at this app", never what happened. Everything that happened is read
 * from the process table, the history and the desired state when the key's turn comes, so an event that is missed or
 * comes twice does no harm.
 */
export class ReconcileLoop {
  /** What it last found out about every app. */
  readonly status: StatusTable;
  /** What it did of late, and why. */
  readonly rounds: RoundBook;
  readonly #options: LoopOptions;
  readonly #queue: KeyedQueue<AppKey>;
  /** Processes that were asked to stop, by nonce: when, on the monotonic clock. */
  readonly #stopping = new Map<string, number>();
  #subscriptions: readonly Cancel[] = [];

  constructor(options: LoopOptions) {
    this.#options = options;
    this.status = options.status;
    this.rounds = new RoundBook(options.clock);
    this.#queue = new KeyedQueue({
      clock: options.clock,
      concurrency: options.concurrency,
      work: (key) => this.rounds.run(key, (notes) => this.#reconcile(key, notes)),
      onError: options.onError,
    });
  }

  /** Follows driver and desired state from now on, and enqueues every app once. */
  start(): void {
    const { driver, state } = this.#options;
    this.#subscriptions = [
      driver.subscribe((event) => this.#onDriverEvent(event)),
      state.onChange((changed) => {
        for (const key of changed) this.submit(key, 'desired');
      }),
    ];
    this.submitAll('begun');
  }

  /** Enqueues one app. */
  submit(key: AppKey, cause: RoundCause): void {
    this.rounds.because(key, cause);
    this.#queue.add(key);
  }

  /** Enqueues every app that is desired or that has a process. */
  submitAll(cause: RoundCause): void {
    const { driver, state } = this.#options;
    const keys = new Set([
      ...state.desiredKeys(),
      ...[...driver.instances(), ...driver.hooks()].map(({ key }) => key),
    ]);
    for (const key of keys) this.submit(key, cause);
  }

  /** Resolves when no app is waiting to be reconciled. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Takes no more keys; resolves when the steps under way are done. */
  async close(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#queue.close();
  }

  #onDriverEvent(event: DriverEvent): void {
    switch (event.kind) {
      case 'instance':
        this.submit(event.instance.key, 'process');
        break;
      case 'hook':
        this.submit(event.hook.key, 'hook');
        break;
      case 'notice':
        this.#options.state.appendEvent(noticeEvent(event, this.#options.driver));
        break;
      case 'message':
      case 'refused':
        // Nothing about any app follows from it.
        break;
      case 'connected':
      case 'silent':
      case 'disconnected':
        this.submitAll('runner');
        break;
    }
  }

  async #reconcile(key: AppKey, notes: RoundNotes): Promise<void> {
    const { state, driver } = this.#options;
    const now = await state.now();
    const app = state.desiredApp(key);
    notes.generation = app?.generation ?? null;
    const processes = [...driver.instancesOf(key), ...driver.hooksOf(key)];
    if (app === undefined && !processes.some((instance) => state.owns(instance))) {
      this.#forgetApp(key);
      return;
    }
    this.#recordExits(app, this.#options.observer.instancesOf(key));
    this.#recordHooks(key, app);
    const removalReason = (): RemovalReason => state.leaving(key)?.reason ?? 'Unmanaged';
    const plan = planApp(key, this.#host(), { now, removalReason });
    if (await this.#recordEnds(app, plan)) {
      notes.verdict = verdictText(plan);
      this.submit(key, 'verdict');
      return;
    }
    this.#publish(key, app, plan);
    await this.#executeAll(key, plan.actions, { app, notes });
    if (app === undefined && this.#isGone(key)) this.#forgetApp(key);
    if (plan.requeueAfterMs !== null) this.#queue.addAfter(key, plan.requeueAfterMs);
  }

  /** Whether something has come to its end, which has changed what is desired. */
  async #recordEnds(app: DesiredApp | undefined, plan: AppPlan): Promise<boolean> {
    if (app === undefined) return false;
    const verdict = plan.rollout ?? plan.reload;
    if (plan.preStart === null) {
      return verdict !== null && this.#queue.aside(() => this.#options.onRollout(app, verdict));
    }
    await this.#options.hooks.preStartEnded(app, plan.preStart);
    return true;
  }

  #isGone(key: AppKey): boolean {
    const { observer, driver } = this.#options;
    return observer.instancesOf(key).length === 0 && driver.hooksOf(key).length === 0;
  }

  #forgetApp(key: AppKey): void {
    this.#submitDependencies(key);
    this.#options.observer.forget(key);
    this.#options.state.gone(key);
    this.status.remove(key);
  }

  /** Everything that a leaving app depends on waits for it to end, directly or through others. */
  #submitDependencies(key: AppKey): void {
    for (const dependency of allDependencies(key, this.#host())) this.submit(dependency, 'dependency');
  }

  /** In the loop, what is accepted is what is desired: nothing new is declared. */
  #host(): HostView {
    const { state, driver } = this.#options;
    return {
      reachable: driver.reachable,
      silence: driver.silence,
      desiredApp: (key) => state.desiredApp(key),
      instancesOf: (key) => this.#options.observer.instancesOf(key),
      historyOf: (key) => state.history(key),
      hooksOf: (key) => driver.hooksOf(key),
      hookRecordsOf: (key) => state.hookRecords(key),
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

  #recordHooks(key: AppKey, app: DesiredApp | undefined): void {
    const { driver, hooks } = this.#options;
    for (const hook of driver.hooksOf(key)) if (hook.exit !== null) hooks.ended(hook, app);
  }

  #publish(key: AppKey, app: DesiredApp | undefined, { health, holds }: AppPlan): void {
    const { state, clock } = this.#options;
    const before = this.status.health(key);
    const event = healthEvent(key, before, { after: health, holds });
    if (event !== undefined) state.appendEvent(event);
    const assessed = this.status.get(key)?.assessed;
    for (const promise of promiseEvents(key, assessed, health)) state.appendEvent(promise);
    this.status.publish(key, { health, holds, generation: app?.generation ?? 0, now: clock.now() });
    if (before !== undefined && !letsDependentsMove(before, health)) return;
    for (const dependent of state.dependentsOf(key)) this.submit(dependent, 'dependency');
    if (app === undefined || runMode(app.spec, app.override) === 'stopped') this.#submitDependencies(key);
  }

  /**
   * Executes all actions at once. One that fails does not keep the others from being executed; the app is then tried
   * again.
   */
  async #executeAll(key: AppKey, actions: readonly Action[], { app, notes }: Carrying): Promise<void> {
    for (const action of actions) {
      if (action.kind === 'stop') this.#stopping.set(action.nonce, this.#options.clock.monotonic());
    }
    const results = await Promise.all(actions.map((action) => this.#options.execute(action)));
    const problems: string[] = [];
    notes.actions.push(...actions.flatMap((action, index) => roundActions(action, results[index])));
    this.#showUnsupported(
      key,
      results.flatMap((result) => (result.ok || result.error.code !== 'unsupported' ? [] : [result.error])),
    );
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

  /** What the runner is too old to do stays undone until it is replaced, and is shown on the app. */
  #showUnsupported(key: AppKey, [first]: readonly DriverError[]): void {
    // Of a runner that is not there nothing is asked.
    if (first === undefined && !this.#options.driver.reachable) return;
    const condition =
      first === undefined
        ? null
        : ({ type: 'Capable', status: 'False', reason: 'RunnerTooOld', message: first.message } as const);
    if (!this.status.report(key, 'Capable', condition)) return;
    this.#options.state.appendEvent(capableEvent(key, condition));
    this.submit(key, 'condition');
  }
}

type Carrying = { readonly app: DesiredApp | undefined; readonly notes: RoundNotes };
