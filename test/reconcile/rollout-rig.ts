import { failureOf, timeoutOf } from '../../src/plan/hooks/hook-runs.ts';
import type { HookRecord } from '../../src/plan/model/hooks.ts';
import type { AppKey } from '../../src/lib/app-key.ts';
import type { NotReady, ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { ReloadVerdict } from '../../src/plan/model/reload.ts';
import type { RolloutVerdict } from '../../src/plan/model/rollout.ts';
import type { LoopEvent } from '../../src/reconcile/events.ts';
import { Bound } from '../../src/reconcile/bound.ts';
import { createExecutor } from '../../src/reconcile/executor.ts';
import { Observer } from '../../src/reconcile/observer.ts';
import { StatusTable } from '../../src/reconcile/status-table.ts';
import { ReconcileLoop } from '../../src/reconcile/loop.ts';
import type { LoopState } from '../../src/reconcile/loop-options.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { desiredApps } from '../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../src/state/desired/reducer.ts';
import type { AppRecord, Fact } from '../../src/state/model/types.ts';
import { accepted, appSpec } from '../state/specs.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeDriver } from '../support/fake-driver.ts';

export const KEY: AppKey = 'shop/web';

/**
 * How the processes of a version behave: `crashes` before they are ready, `hangs` without ever being ready, `dies` after
 * they were ready for a moment.
 */
export type Behaviour = 'good' | 'crashes' | 'hangs' | 'dies';

const CRASHES_AFTER_MS = 50;
export const READY_AFTER_MS = 100;
const DIES_AFTER_MS = 700;
export const MIN_READY_MS = 1_000;
export const LISTEN_TIMEOUT_MS = 3_000;

/** A version of the app: its number and its behaviour are its script, and so its template. */
export function version(number: number, behaviour: Behaviour, fields: Partial<AppSpec> = {}): AppSpec {
  return appSpec({
    name: 'web',
    script: `/srv/${number}-${behaviour}.js`,
    listen_timeout: LISTEN_TIMEOUT_MS,
    exp_backoff_restart_delay: 100,
    rollout: startFirst(),
    ...fields,
  });
}

export function startFirst(fields: Partial<AppSpec['rollout']> = {}): AppSpec['rollout'] {
  return {
    max_surge: 1,
    max_unavailable: 0,
    parallel: 1,
    min_ready: MIN_READY_MS,
    deadline: null,
    on_failure: 'rollback',
    ...fields,
  };
}

export function stopFirst(fields: Partial<AppSpec['rollout']> = {}): AppSpec['rollout'] {
  return startFirst({ max_surge: 0, max_unavailable: 1, ...fields });
}

/** The durable state in memory, changed by the real reducer; what a restart of the controller finds again. */
class RecordedState implements LoopState {
  readonly clock = new FakeClock();
  projects: Projects = new Map();
  readonly events: LoopEvent[] = [];
  #histories: readonly SlotHistory[] = [];
  hooks: readonly HookRecord[] = [];

  desiredApp(key: AppKey) {
    return desiredApps(this.projects).find((app) => app.key === key);
  }

  desiredKeys(): readonly AppKey[] {
    return desiredApps(this.projects).map(({ key }) => key);
  }

  owns(): boolean {
    return true;
  }

  leaving(): undefined {
    return undefined;
  }

  gone(): void {
    // Nothing leaves here.
  }

  dependentsOf(): readonly AppKey[] {
    return [];
  }

  history(): readonly SlotHistory[] {
    return this.#histories;
  }

  recordHistory(_key: AppKey, slots: readonly SlotHistory[]): void {
    this.#histories = slots;
  }

  hookRecords(): readonly HookRecord[] {
    return this.hooks;
  }

  now(): Promise<number> {
    return Promise.resolve(this.clock.now());
  }

  flushHistory(): Promise<boolean> {
    return Promise.resolve(true);
  }

  onChange(): () => void {
    return () => undefined;
  }

  appendEvent(event: LoopEvent): void {
    this.events.push(event);
  }
}

/** One app whose versions behave as their names say, under a real loop, planner and reducer. */
export class RolloutRig {
  readonly state = new RecordedState();
  readonly clock = this.state.clock;
  readonly driver = new FakeDriver(this.clock);
  readonly errors: string[] = [];
  /** Every verdict that changed the desired state, in order. */
  readonly verdicts: RolloutVerdict[] = [];
  /** Looks at everything after each step of time. */
  onStep: () => void = () => undefined;
  /** Why secrets of the app cannot be read. */
  unresolved: string | null = null;
  #loop = this.#startLoop();
  #nonces = 0;

  get app(): AppRecord {
    const app = this.state.projects.get('shop')?.apps.web;
    if (app === undefined) throw new Error('no app');
    return app;
  }

  get live(): readonly ObservedInstance[] {
    return this.driver.live(KEY);
  }

  /** Scripts of what is ready, slot by slot. */
  get serving(): readonly string[] {
    return this.live
      .filter((instance) => this.isReady(instance))
      .toSorted((a, b) => a.slot - b.slot)
      .map(({ templateHash }) => templateHash.replace('hash-of-/srv/', '').replace('.js', ''));
  }

  get healthy(): boolean {
    return this.#loop.status.health(KEY)?.health === 'Healthy';
  }

  isReady(instance: ObservedInstance): boolean {
    return instance.state === 'running' && this.#probe(instance) === true;
  }

  async apply(spec: AppSpec): Promise<void> {
    await this.commit(accepted('shop', [spec], { at: this.clock.now() }));
  }

  async commit(fact: Fact): Promise<void> {
    this.state.projects = reduce(this.state.projects, fact);
    this.#loop.submit(KEY, 'probe');
    await this.#settle();
  }

  /** Lets time pass; processes end when their behaviour says so. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms;
    for (;;) {
      const left = until - this.clock.monotonic();
      if (left <= 0) return;
      this.clock.advance(
        Math.max(1, Math.min(left, this.clock.nextDelayMs() ?? left, this.#nextChangeMs() ?? left)),
      );
      this.#endWhatIsDue();
      this.#loop.submit(KEY, 'probe');
      await this.#settle();
    }
  }

  /** The controller dies, and another one comes up with what is durable. */
  async restartController(): Promise<void> {
    await this.#loop.close();
    this.#loop = this.#startLoop();
    await this.#settle();
  }

  close(): Promise<void> {
    return this.#loop.close();
  }

  #startLoop(): ReconcileLoop {
    const loop: ReconcileLoop = new ReconcileLoop({
      clock: this.clock,
      driver: this.driver,
      observer: new Observer({
        clock: this.clock,
        driver: this.driver,
        state: this.state,
        probedReady: (instance) => this.#probe(instance),
      }),
      state: this.state,
      status: new StatusTable((error) => this.errors.push(String(error))),
      random: () => 0.5,
      execute: createExecutor({
        driver: this.driver,
        newNonce: () => `n${++this.#nonces}`,
        secretsOf: () => Promise.resolve({ values: {}, hashes: {}, unresolved: this.unresolved }),
        starts: new Bound(4),
        flushHistory: () => this.state.flushHistory(),
      }),
      onRollout: ({ key, generation }, verdict) => {
        const about = { key, generation, at: this.clock.now() };
        const before = this.state.projects;
        this.state.projects = reduce(before, factOf(verdict, about));
        const isNew = this.state.projects !== before;
        if (isNew && verdict.kind !== 'reloaded') this.verdicts.push(verdict);
        return Promise.resolve(isNew);
      },
      hooks: {
        ended: ({ key, nonce, hook, exit, generation, revision, startedAt }, app) => {
          if (exit === null || this.state.hooks.some((record) => record.nonce === nonce)) return;
          const failure = failureOf(exit, timeoutOf(app?.spec, hook.name));
          const { code: exitCode, signal, upMs: durationMs } = exit;
          const run = {
            ...hook,
            nonce,
            generation,
            revision,
            startedAt,
            durationMs,
            exitCode,
            signal,
            failure,
          };
          this.state.hooks = [run, ...this.state.hooks];
          loop.submit(key, 'desired');
        },
        preStartEnded: ({ key }, { release, failure }) => {
          const failed =
            failure === null ? null : { reason: 'PreStartFailed' as const, message: failure, slot: null };
          const fact = {
            kind: 'pre-start-ended',
            key,
            release,
            failure: failed,
            at: this.clock.now(),
          } as const;
          this.state.projects = reduce(this.state.projects, fact);
          return Promise.resolve();
        },
      },
      concurrency: 1,
      onError: (key, error) => this.errors.push(`${key} ${String(error)}`),
    });
    loop.start();
    return loop;
  }

  async #settle(): Promise<void> {
    await this.#loop.idle();
    this.onStep();
  }

  #probe({ templateHash, upMs }: ObservedInstance): true | NotReady {
    const isReady = behaviourOf(templateHash) !== 'hangs' && upMs >= READY_AFTER_MS;
    return isReady || { forMs: upMs, because: 'GET / answered 503', isDue: true };
  }

  #endWhatIsDue(): void {
    for (const { nonce, templateHash, upMs, state } of this.live) {
      if (state === 'running' && upMs >= lifeOf(templateHash)) this.driver.end(nonce, { code: 1 });
    }
  }

  /** Milliseconds until a process becomes ready or ends. */
  #nextChangeMs(): number | undefined {
    const waits = this.live
      .flatMap(({ templateHash, upMs }) => [READY_AFTER_MS - upMs, lifeOf(templateHash) - upMs])
      .filter((wait) => wait > 0 && wait < Infinity);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }
}

export function behaviourOf(templateHash: string): Behaviour {
  return /-(good|crashes|hangs|dies)\.js$/.exec(templateHash)?.[1] as Behaviour;
}

function lifeOf(templateHash: string): number {
  const behaviour = behaviourOf(templateHash);
  if (behaviour === 'crashes') return CRASHES_AFTER_MS;
  return behaviour === 'dies' ? DIES_AFTER_MS : Infinity;
}

function factOf(
  verdict: RolloutVerdict | ReloadVerdict,
  { key, generation, at }: { readonly key: AppKey; readonly generation: number; readonly at: number },
): Fact {
  switch (verdict.kind) {
    case 'completed':
      return { kind: 'rollout-completed', key, generation, at };
    case 'failed':
      return { kind: 'rollout-failed', key, generation, at, failure: verdict.failure };
    case 'reloaded':
      return { kind: 'reload-ended', key, count: verdict.count, failure: verdict.failure, at };
  }
}
