import type { AppKey } from '../../src/lib/app-key.ts';
import type { Failure } from '../../src/lib/failure.ts';
import { ok, type Result } from '../../src/lib/result.ts';
import type { RemovalReason } from '../../src/plan/removal.ts';
import type { AcceptedApp, DesiredApp } from '../../src/plan/model/desired.ts';
import type { HookRecord } from '../../src/plan/model/hooks.ts';
import type { SlotHistory } from '../../src/plan/model/observed.ts';
import { withMovedStarts } from '../../src/plan/slots/recorded-times.ts';
import type { LoopEvent } from '../../src/reconcile/events.ts';
import { Bound } from '../../src/reconcile/bound.ts';
import { createExecutor } from '../../src/reconcile/executor.ts';
import { Observer } from '../../src/reconcile/observer.ts';
import { StatusTable } from '../../src/reconcile/status-table.ts';
import { ReconcileLoop } from '../../src/reconcile/loop.ts';
import type { LoopState } from '../../src/reconcile/loop-options.ts';
import { RecordedTimes } from '../../src/controller/context/recorded-times.ts';
import type { AppHistory, Commit, Fact } from '../../src/state/model/types.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeDriver } from '../support/fake-driver.ts';

/** Desired state in memory, changed by tests as commits would change it. */
class FakeState implements LoopState {
  readonly apps = new Map<AppKey, DesiredApp>();
  readonly events: LoopEvent[] = [];
  readonly departed = new Map<AppKey, { accepted: AcceptedApp; reason: RemovalReason }>();
  /** The newest revision of each project. */
  readonly projects = new Map<string, number>();
  readonly #histories = new Map<AppKey, readonly SlotHistory[]>();
  flushes = 0;
  /** How often the loop has looked at an app. */
  passes = 0;
  times: RecordedTimes | undefined;

  declare(...apps: readonly DesiredApp[]): void {
    for (const app of apps) {
      this.apps.set(app.key, app);
      this.projects.set(app.project, app.revision);
    }
  }

  remove(key: AppKey): void {
    const app = this.apps.get(key);
    if (app === undefined) throw new Error(`no app ${key}`);
    this.apps.delete(key);
    this.departed.set(key, { accepted: app, reason: 'RemovedFromFile' });
  }

  desiredApp(key: AppKey): DesiredApp | undefined {
    return this.apps.get(key);
  }

  desiredKeys(): readonly AppKey[] {
    return [...this.apps.keys()];
  }

  owns({ key, revision }: { readonly key: AppKey; readonly revision: number }): boolean {
    return revision <= (this.projects.get(key.slice(0, key.indexOf('/'))) ?? -1);
  }

  leaving(key: AppKey): { accepted: AcceptedApp; reason: RemovalReason } | undefined {
    return this.departed.get(key);
  }

  gone(key: AppKey): void {
    this.departed.delete(key);
  }

  dependentsOf(key: AppKey): readonly AppKey[] {
    const name = key.slice(key.indexOf('/') + 1);
    const all = [...this.apps.values(), ...[...this.departed.values()].map(({ accepted }) => accepted)];
    return all.filter(({ spec }) => name in spec.depends_on).map((app) => app.key);
  }

  history(key: AppKey): readonly SlotHistory[] {
    return this.#histories.get(key) ?? [];
  }

  recordHistory(key: AppKey, slots: readonly SlotHistory[]): void {
    this.#histories.set(key, slots);
  }

  hookRecords(): readonly HookRecord[] {
    return [];
  }

  /** As the store's: only a clock that was set is a fact here. */
  commit(facts: Fact | readonly Fact[]): Promise<Result<Commit, Failure>> {
    for (const fact of [facts].flat()) {
      if (fact.kind !== 'clock-set') throw new Error(`no fact ${fact.kind} here`);
      for (const app of this.apps.values()) this.apps.set(app.key, withMovedStarts(app, fact.byMs));
    }
    return Promise.resolve(ok({ changed: [], revisions: [] }));
  }

  desired(): readonly DesiredApp[] {
    return [...this.apps.values()];
  }

  histories(): readonly AppHistory[] {
    return [...this.#histories].map(([key, slots]) => ({ key, slots }));
  }

  now(): Promise<number> {
    this.passes += 1;
    if (this.times === undefined) throw new Error('a state without a clock');
    return this.times.now();
  }

  flushHistory(): Promise<boolean> {
    this.flushes += 1;
    return Promise.resolve(true);
  }

  onChange(): () => void {
    return () => undefined;
  }

  appendEvent(event: LoopEvent): void {
    this.events.push(event);
  }
}

/** A loop over processes that exist only on paper; `settle` lets it do everything that is due now. */
export function loopRig(options: { readonly jitter?: number } = {}) {
  const clock = new FakeClock();
  const driver = new FakeDriver(clock);
  const state = new FakeState();
  const errors: string[] = [];
  const times = new RecordedTimes({
    ...{ store: state, clock, uptimeMs: () => clock.monotonic() },
    onError: (error) => errors.push(String(error)),
    log: () => undefined,
  });
  state.times = times;
  let nonce = 0;
  const loop = new ReconcileLoop({
    clock: times.clock,
    driver,
    observer: new Observer({ clock, driver, state, probedReady: (instance) => instance.probedReady }),
    state,
    status: new StatusTable((error) => errors.push(String(error))),
    random: () => options.jitter ?? 0.5,
    execute: createExecutor({
      driver,
      newNonce: () => `n${++nonce}`,
      starts: new Bound(4),
      flushHistory: () => state.flushHistory(),
    }),
    onRollout: () => Promise.resolve(false),
    hooks: { ended: () => undefined, preStartEnded: () => Promise.resolve() },
    concurrency: 4,
    onError: (key, error) => errors.push(`${key} ${(error as Error).message}`),
  });
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 50; round++) await new Promise<void>((resolve) => setImmediate(resolve));
    await loop.idle();
  };
  return {
    clock,
    driver,
    state,
    loop,
    errors,
    settle,
    /** Declares apps as a commit would, and has the loop look. */
    async apply(...apps: readonly DesiredApp[]): Promise<void> {
      state.declare(...apps);
      for (const app of apps) loop.submit(app.key, 'desired');
      await settle();
    },
    /** Lets time pass in small steps, so that everything that comes due happens. */
    async pass(ms: number): Promise<void> {
      const until = clock.monotonic() + ms;
      while (clock.monotonic() < until) {
        const step = Math.min(clock.nextDelayMs() ?? Infinity, until - clock.monotonic());
        clock.advance(Math.max(step, 1));
        await settle();
      }
    },
  };
}
