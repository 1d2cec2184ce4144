import { ok, type Result } from '../lib/result.ts';
import type { Driver, DriverError, ResolvedSecrets } from '../driver/driver.ts';
import { codeAfterReload, secretIdentity } from '../plan/decide/reload-code.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { Action } from '../plan/model/actions.ts';
import { hasEnded } from '../plan/slots/readiness.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { ObservedInstance } from '../plan/model/observed.ts';
import type { GivenPorts } from '../spec/ports/slot-ports.ts';
import type { StopOrder } from '../plan/model/stop-order.ts';
import type { Bound } from './bound.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

export interface ExecutorOptions {
  readonly driver: Driver;
  readonly newNonce: () => string;
  /** What a process of the app would run that is started now; undefined: not known. Never fails. */
  readonly codeOf?: ((app: DesiredApp) => Promise<CodeIdentity | undefined>) | undefined;
  /** What variables of the app from elsewhere are. Never fails. `command`: for a program beside a process. */
  readonly secretsOf?:
    | ((app: Pick<DesiredApp, 'project' | 'spec'>, use: 'start' | 'command') => Promise<StartSecrets>)
    | undefined;
  /** Ports to tell a process that is started now, where the app has them chosen; undefined: none. */
  readonly portsOf?:
    ((app: DesiredApp, slot: number) => Promise<Result<GivenPorts | undefined, DriverError>>) | undefined;
  /** Shared by all apps: how many starts may be under way at once. */
  readonly starts: Bound;
  /** Makes sure that the exits taken into the history are on disk; false: they cannot be written now. */
  readonly flushHistory: () => Promise<boolean>;
}

/** Read for a start; undefined: the app has none. `hashes`: what is kept of each value. */
export type StartSecrets =
  (ResolvedSecrets & { readonly hashes: Readonly<Record<string, string>> }) | undefined;

/** Exits of one slot that wait on the table for a disk that takes them; the history knows as many apart. */
const KEPT_EXITS = 8;

/** What came of one action. */
export interface Executed {
  readonly action: Action;
  /** Of a start: the process, up or failed. Of an adoption: the process as it was before. */
  readonly instance: ObservedInstance | null;
}

type Done = Promise<Result<ObservedInstance | null, DriverError>>;

type Executors = {
  readonly [K in Action['kind']]: (action: Extract<Action, { kind: K }>) => Done;
};

export type Execute = (action: Action) => Promise<Result<Executed, DriverError>>;

/** Carries out actions on the driver. Knows how, never whether: the plan has decided that. */
export function createExecutor(options: ExecutorOptions): Execute {
  const executors = createExecutors(options);
  return async (action) => {
    const failing = await startThatFails(action, options);
    if (failing !== null) return failing;
    const execute = executors[action.kind] as (action: Action) => Done;
    const done = await execute(action);
    return done.ok ? ok({ action, instance: done.value }) : done;
  };
}

/**
 * A process that serves is not ended for one that is known not to start: its secrets cannot be read, or this host lacks what it
 * needs. That start fails in the place of the stop, as any does: it is seen, counts for the rollout, and comes again after the
 * back-off. null: nothing is in the way.
 */
async function startThatFails(
  action: Action,
  { driver, newNonce, secretsOf }: ExecutorOptions,
): Promise<Result<Executed, DriverError> | null> {
  const app = 'successor' in action ? action.successor : undefined;
  if (app === undefined) return null;
  const { key, slot, reason } = action;
  const secrets = await secretsOf?.(app, 'start');
  const order = { nonce: newNonce(), app, slot, code: undefined, secrets };
  const lack = await driver.lackOf(order);
  if (lack === null) return null;
  const started = await begun(() => driver.start({ ...order, lack }));
  return started.ok
    ? ok({ action: { kind: 'start', key, slot, app, reason }, instance: started.value })
    : started;
}

function createExecutors({
  driver,
  newNonce,
  codeOf,
  secretsOf = () => Promise.resolve(undefined),
  portsOf,
  starts,
  flushHistory,
}: ExecutorOptions): Executors {
  /** The ports of slot 0: of the process that is there, else of the one that will be. */
  const portsOfFirst: ExecutorOptions['portsOf'] = async (app) => {
    const first = driver.instancesOf(app.key).findLast((it) => it.slot === 0 && !hasEnded(it));
    return first === undefined ? ((await portsOf?.(app, 0)) ?? ok(undefined)) : ok(first.ports);
  };
  const secretsToStop = async ({ shutdown }: StopOrder): Promise<StartSecrets> =>
    shutdown === undefined ? undefined : secretsOf(shutdown.app, 'command');
  return {
    start: ({ app, slot }) =>
      starts.run(async () => {
        // Read before the start: code that is written in the meantime must not pass for what runs.
        const [onDisk, secrets] = await Promise.all([codeOf?.(app), secretsOf(app, 'start')]);
        const code = withSecrets(onDisk, secrets, app);
        const ports = await portsOf?.(app, slot);
        if (ports?.ok === false) return ports;
        return begun(() =>
          driver.start({ nonce: newNonce(), app, slot, code, secrets, ports: ports?.value }),
        );
      }),
    hook: ({ app, run, facts }) =>
      starts.run(async () => {
        const ports = run.name === 'pre_start' ? await portsOfFirst(app, 0) : ok(facts.ports);
        if (!ports.ok) return ports;
        const secrets = await secretsOf(app, 'start');
        const order = { nonce: newNonce(), app, run, facts, secrets, ports: ports.value };
        return begun(() => driver.startHook(order));
      }),
    async stop({ nonce, how }) {
      failpoint('action.stop');
      const done = gone(await driver.stop(nonce, how, await secretsToStop(how)));
      failpoint('action.stopped');
      return done;
    },
    async adopt({ nonce, app, slot }) {
      const before = driver.instance(nonce) ?? null;
      failpoint('action.adopt');
      const done = gone(await driver.adopt(nonce, app, slot));
      failpoint('action.adopted');
      return done.ok ? ok(before) : done;
    },
    async reload({ nonce, app, slot, count }) {
      const before = driver.instance(nonce) ?? null;
      // Read before the reload, as before a start.
      const [onDisk, secrets] = await Promise.all([codeOf?.(app), secretsOf(app, 'start')]);
      const code = codeAfterReload(app.spec, before?.code, withSecrets(onDisk, secrets, app));
      const done = gone(await driver.reload({ nonce, app, slot, count, code, secrets }));
      return done.ok ? ok(before) : done;
    },
    async forget({ nonce }) {
      // The record goes only when the history holds the exit: else a crash in between would lose it. It stays on the table
      // where nothing can be written; the loop looks again when that has passed.
      if (!(await flushHistory()) && !isSurplus(nonce, driver)) return ok(null);
      failpoint('action.forget');
      const done = gone(await driver.forget(nonce));
      failpoint('action.forgotten');
      return done;
    },
  };
}

/** What a process runs, with what it was given of secrets. */
function withSecrets(
  code: CodeIdentity | undefined,
  secrets: StartSecrets,
  { spec }: DesiredApp,
): CodeIdentity | undefined {
  if (code === undefined || secrets === undefined || secrets.unresolved !== null) return code;
  return secretIdentity(code, secrets.hashes, spec);
}

/** Whether newer exits of its slot than anybody needs are on the table: an app that keeps crashing must not fill it. */
function isSurplus(nonce: string, driver: Pick<Driver, 'instance' | 'instancesOf'>): boolean {
  const ended = driver.instance(nonce);
  if (ended === undefined) return true;
  const newer = driver
    .instancesOf(ended.key)
    .filter(({ slot, exit }) => slot === ended.slot && exit !== null && exit.at > (ended.exit?.at ?? 0));
  return newer.length >= KEPT_EXITS;
}

/** A process that is gone needs no order any more. */
function gone(result: Result<void, DriverError>): Result<null, DriverError> {
  if (result.ok || result.error.code === 'unknown-instance') return ok(null);
  return result;
}

/** What the runner said of a start. */
async function begun<T>(start: () => Promise<T>): Promise<T> {
  failpoint('action.start');
  const started = await start();
  failpoint('action.started');
  return started;
}
