import type { AppKey } from '../../src/lib/app-key.ts';
import { err, ok, type Result } from '../../src/lib/result.ts';
import type {
  Driver,
  DriverError,
  DriverEvent,
  HookOrder,
  LogFiles,
  ReloadOrder,
  StartOrder,
  Surroundings,
} from '../../src/driver/driver.ts';
import type { StopOrder } from '../../src/plan/model/stop-order.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedHook, ObservedInstance } from '../../src/plan/model/observed.ts';
import type { OutputLine } from '../../src/plan/model/rollout.ts';
import { hookOf } from '../../src/spec/hooks/hooks.ts';
import { restartGenerationOf } from '../../src/plan/slots/effective.ts';
import type { FakeClock } from './fake-clock.ts';

/** Processes that exist only on paper: they start at once, and end when a test says so or when they are stopped. */
export class FakeDriver implements Driver {
  reachable = true;
  silence: Driver['silence'] = null;
  readonly refusal = null;
  /** Everything that was asked for, in order: `start shop/api:0`, `stop shop/api:0`, `forget …`, `adopt …`. */
  readonly orders: string[] = [];
  /** Spawns of these apps fail with this error. */
  readonly spawnErrors = new Map<AppKey, string>();
  /** What is known to keep these scripts from being started, by app and script: `shop/web /srv/web.js`. */
  readonly lacks = new Map<string, string>();
  /** Processes of these apps ignore their stop until `end` is called. */
  readonly stubborn = new Set<AppKey>();
  /** What processes have written last. */
  readonly tails = new Map<string, readonly OutputLine[]>();
  /** Reloads of these apps fail with this message. */
  readonly reloadErrors = new Map<AppKey, string>();
  readonly #reloadedAt = new Map<string, number>();
  readonly #clock: FakeClock;
  readonly #instances = new Map<string, { instance: ObservedInstance; since: number }>();
  readonly #hooks = new Map<string, { hook: ObservedHook; since: number }>();
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  #nextPid = 1000;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  instances(): readonly ObservedInstance[] {
    return [...this.#instances.values()].map(({ instance, since }) =>
      instance.state === 'exited'
        ? instance
        : { ...instance, upMs: this.#clock.monotonic() - since, ...this.#reloadOf(instance) },
    );
  }

  #exitReload(instance: ObservedInstance): Pick<NonNullable<ObservedInstance['exit']>, 'reload'> {
    const { reload } = this.#reloadOf(instance);
    return reload === undefined ? {} : { reload: { count: reload.count, forMs: reload.forMs } };
  }

  #reloadOf({ nonce, reload }: ObservedInstance): Pick<ObservedInstance, 'reload'> {
    if (reload === undefined) return {};
    return { reload: { ...reload, forMs: this.#clock.monotonic() - (this.#reloadedAt.get(nonce) ?? 0) } };
  }

  instancesOf(key: AppKey): readonly ObservedInstance[] {
    return this.instances().filter((instance) => instance.key === key);
  }

  instance(nonce: string): ObservedInstance | undefined {
    return this.instances().find((one) => one.nonce === nonce);
  }

  live(key: AppKey): readonly ObservedInstance[] {
    return this.instancesOf(key).filter(({ state }) => state !== 'exited');
  }

  subscribe(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hooks(): readonly ObservedHook[] {
    return [...this.#hooks.values()].map(({ hook, since }) =>
      hook.state === 'exited' ? hook : { ...hook, upMs: this.#clock.monotonic() - since },
    );
  }

  hooksOf(key: AppKey): readonly ObservedHook[] {
    return this.hooks().filter((hook) => hook.key === key);
  }

  startHook({ nonce, app, run }: HookOrder): Promise<Result<ObservedHook, DriverError>> {
    if (!this.reachable) return Promise.resolve(err(unreachable));
    this.orders.push(`hook ${run.name} ${app.key}${run.slot === null ? '' : `:${run.slot}`}`);
    const { generation, revision, templateHash } = app;
    const hook: ObservedHook = {
      ...{ nonce, key: app.key, slot: -1, state: 'running', pid: this.#nextPid++, hook: run },
      ...{ generation, revision, templateHash, restartGeneration: 0 },
      ...{ startedAt: this.#clock.now(), upMs: 0, probedReady: null, exit: null },
    };
    this.#putHook(hook);
    return Promise.resolve(ok(hook));
  }

  /** Ends a hook that runs, by itself unless `requested`. */
  endHook(nonce: string, code: number | null, requested = false): void {
    const entry = this.#hooks.get(nonce);
    if (entry === undefined) throw new Error(`no hook ${nonce}`);
    const upMs = this.#clock.monotonic() - entry.since;
    const exit = { code, signal: null, at: this.#clock.now(), upMs, requested, error: null };
    this.#putHook({ ...entry.hook, upMs, state: 'exited', exit });
  }

  #putHook(hook: ObservedHook): void {
    const since = this.#hooks.get(hook.nonce)?.since ?? this.#clock.monotonic();
    this.#hooks.set(hook.nonce, { hook, since });
    this.#emit({ kind: 'hook', hook });
  }

  lackOf(order: StartOrder): Promise<string | null> {
    return Promise.resolve(this.#lackOf(order));
  }

  #lackOf({ app: { key, spec }, secrets, lack }: StartOrder): string | null {
    return lack ?? secrets?.unresolved ?? this.lacks.get(`${key} ${spec.script}`) ?? null;
  }

  start(order: StartOrder): Promise<Result<ObservedInstance, DriverError>> {
    const { nonce, app, slot } = order;
    if (!this.reachable) return Promise.resolve(err(unreachable));
    const { key } = app;
    this.orders.push(`start ${key}:${slot}`);
    const error = this.#lackOf(order) ?? this.spawnErrors.get(key) ?? null;
    const instance: ObservedInstance = {
      nonce,
      key,
      slot,
      state: error === null ? 'running' : 'exited',
      pid: error === null ? this.#nextPid++ : null,
      ...versionOf(app, slot),
      ...(hookOf(app.spec, 'post_start') !== undefined && { postStart: true as const }),
      startedAt: this.#clock.now(),
      upMs: 0,
      probedReady: null,
      ...(app.reloads !== undefined && { startReloads: app.reloads }),
      exit:
        error === null
          ? null
          : { code: null, signal: null, at: this.#clock.now(), upMs: 0, requested: false, error },
    };
    this.#put(instance);
    return Promise.resolve(ok(instance));
  }

  stop(nonce: string, { signal }: StopOrder): Promise<Result<void, DriverError>> {
    const hook = this.#hooks.get(nonce)?.hook;
    if (hook !== undefined) {
      this.orders.push(`stop ${hook.hook.name} ${hook.key}`);
      this.endHook(nonce, null, true);
      return Promise.resolve(ok(undefined));
    }
    const entry = this.#instances.get(nonce);
    if (entry === undefined) return Promise.resolve(err(unknownInstance));
    const { instance } = entry;
    this.orders.push(`stop ${instance.key}:${instance.slot}`);
    if (this.stubborn.has(instance.key)) this.#put({ ...instance, state: 'stopping' });
    else this.end(nonce, { code: null, signal, requested: true });
    return Promise.resolve(ok(undefined));
  }

  reload({ nonce, count }: ReloadOrder): Promise<Result<void, DriverError>> {
    const entry = this.#instances.get(nonce);
    if (entry === undefined) return Promise.resolve(err(unknownInstance));
    const { instance } = entry;
    this.orders.push(`reload ${instance.key}:${instance.slot}`);
    const message = this.reloadErrors.get(instance.key);
    const state = message === undefined ? ('done' as const) : ('failed' as const);
    this.#reloadedAt.set(nonce, this.#clock.monotonic());
    this.#put({ ...instance, reload: { count, state, forMs: 0, ...(message !== undefined && { message }) } });
    return Promise.resolve(ok(undefined));
  }

  signal(): Promise<Result<void, DriverError>> {
    return Promise.resolve(ok(undefined));
  }

  tail(nonce: string): Promise<Result<readonly OutputLine[], DriverError>> {
    if (!this.#instances.has(nonce) && !this.#hooks.has(nonce)) return Promise.resolve(err(unknownInstance));
    return Promise.resolve(ok(this.tails.get(nonce) ?? []));
  }

  send(): Promise<Result<void, DriverError>> {
    return Promise.resolve(ok(undefined));
  }

  adopt(nonce: string, app: DesiredApp, slot: number): Promise<Result<void, DriverError>> {
    const entry = this.#instances.get(nonce);
    if (entry === undefined) return Promise.resolve(err(unknownInstance));
    const { instance } = entry;
    this.orders.push(`adopt ${instance.key}:${instance.slot}`);
    this.#put({ ...instance, ...versionOf(app, slot) });
    return Promise.resolve(ok(undefined));
  }

  logFiles(): LogFiles {
    return { outFile: null, errorFile: null, combinedFile: null, dateFormat: null, json: false };
  }

  surroundings({ spec: { cwd, env, uid, gid } }: DesiredApp): Surroundings {
    return { cwd, env, uid, gid };
  }

  forget(nonce: string): Promise<Result<void, DriverError>> {
    this.#instances.delete(nonce);
    this.#hooks.delete(nonce);
    return Promise.resolve(ok(undefined));
  }

  /** Ends a process, by itself unless `requested`. */
  end(
    nonce: string,
    how: { readonly code: number | null; readonly signal?: string | null; readonly requested?: boolean },
  ): void {
    const entry = this.#instances.get(nonce);
    if (entry === undefined) throw new Error(`no instance ${nonce}`);
    const exit = {
      code: how.code,
      signal: how.signal ?? null,
      at: this.#clock.now(),
      upMs: this.#clock.monotonic() - entry.since,
      requested: how.requested ?? false,
      ...this.#exitReload(entry.instance),
      error: null,
    };
    this.#put({ ...entry.instance, state: 'exited', exit });
  }

  /** The runner goes away, or comes back. */
  setReachable(reachable: boolean): void {
    this.reachable = reachable;
    this.#emit(reachable ? { kind: 'connected', epoch: 'fake' } : { kind: 'disconnected' });
  }

  #put(instance: ObservedInstance): void {
    const since = this.#instances.get(instance.nonce)?.since ?? this.#clock.monotonic();
    this.#instances.set(instance.nonce, { instance, since });
    this.#emit({ kind: 'instance', instance });
  }

  #emit(event: DriverEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function versionOf(app: DesiredApp, slot: number) {
  const { generation, revision, templateHash } = app;
  return { generation, restartGeneration: restartGenerationOf(app, slot), revision, templateHash };
}

const unreachable: DriverError = { code: 'unreachable', message: 'the runner does not answer' };
const unknownInstance: DriverError = { code: 'unknown-instance', message: 'no such instance' };
