import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createApiServer } from '../api/server/server.ts';
import { systemClock } from '../lib/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { HostDriver } from '../driver/driver.ts';
import { ReconcileLoop } from '../reconcile/loop.ts';
import { StatusTable } from '../reconcile/status-table.ts';
import type { ObservedInstance } from '../plan/model/types.ts';
import { acquireLock } from '../runner/lock/lock.ts';
import { rememberNames } from '../state/desired/moves.ts';
import { openStore, type Store } from '../state/store.ts';
import type { Probes } from '../triggers/probes/probes.ts';
import { startResync } from '../triggers/resync.ts';
import type { UsageSample } from '../triggers/usage/usage.ts';
import { createBackend } from './backend.ts';
import { codeBook, type CodeBook } from './context/code-book.ts';
import type { ControllerContext } from './context/context.ts';
import { createDriver } from './context/create-driver.ts';
import { createTriggers } from './triggers/triggers.ts';
import { TriggerHub, triggerOutlet } from './triggers/outlet.ts';
import { prepareHome } from '../home/check.ts';
import { homeLayout, type HomeLayout } from '../home/layout.ts';
import { LeavingApps } from './context/leaving-apps.ts';
import { loopState } from './context/loop-state.ts';
import { createProbes } from './triggers/probes.ts';
import { announceMessages } from './verbs/messages.ts';
import { rolloutEvents } from './rollouts/rollout-events.ts';
import { rolloutRecorder, type RecordRollout } from './rollouts/rollout-recorder.ts';
import { shutDown } from './shut-down.ts';

export interface ControllerOptions {
  readonly home: string;
  readonly version: string;
  /** Folder of the built programs. */
  readonly distDir: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Somebody else starts it again when it dies: `daemon run`. */
  readonly supervised: boolean;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
}

export interface Controller {
  /** Ends the controller; `all`: the apps and the runner too. Resolves when everything is put down. */
  stop(all: boolean): Promise<void>;
  /** Of a stop with `all` that is under way: kills what has not ended yet. */
  hurry(): void;
  /** Resolves when the controller has ended, whoever asked for it. */
  readonly ended: Promise<void>;
}

const CONCURRENCY = 64;
const STARTS_PER_PROCESSOR = 8;
const RESYNC_MS = 30_000;
/** The API answers after the processes are known, or after this long without a runner. */
const RUNNER_PATIENCE_MS = 3_000;

/**
 * Brings up a controller: home, lock, state, runner, loop, API, in this order. Fails with what keeps it from coming up;
 * then nothing was changed.
 */
export async function startController(options: ControllerOptions): Promise<Result<Controller, Failure>> {
  const paths = homeLayout(options.home);
  const prepared = prepareHome(paths);
  if (!prepared.ok) return prepared;
  const lock = await acquireLock(paths.controllerLock);
  if (!lock.held) {
    const who = lock.by === null ? '' : ` (pid ${lock.by})`;
    return err({ code: 'CONFLICT', message: `a controller runs for ${paths.home} already${who}` });
  }
  const store = await openStore({
    dir: paths.state,
    clock: systemClock,
    onError: (error) => options.log(`state: ${String(error)}`),
  });
  if (!store.ok) {
    await lock.lock.release();
    return store;
  }
  for (const notice of store.value.notices) options.log(`state: ${notice}`);
  return compose({ options, paths, store: store.value, release: () => lock.lock.release() });
}

interface Parts {
  readonly options: ControllerOptions;
  readonly paths: HomeLayout;
  readonly store: Store;
  readonly release: () => Promise<void>;
}

async function compose({ options, paths, store, release }: Parts): Promise<Result<Controller, Failure>> {
  const clock = systemClock;
  const leaving = new LeavingApps();
  const onError = (error: unknown): void =>
    options.log(`listener: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const names = rememberNames(() => store.records());
  const driver = createDriver({ ...options, paths, names, onError });
  const probes = createProbes({ clock, store, driver, outlet: () => outlet });
  const status = new StatusTable(onError);
  const code = codeBook({ stateDir: paths.state, store, onError });
  const onRollout: RecordRollout = (app, verdict) => recordRollout(app, verdict);
  const loop = createLoop({ options, store, status, probes, code, onRollout }, driver, leaving);
  /** The desired state whose rollouts events have told of. */
  let told = store.records();
  let atStart: readonly ObservedInstance[] = [];
  let usage: ReadonlyMap<number, UsageSample> = new Map();
  let stopping: Promise<void> | undefined;
  const hurry = new AbortController();
  let ended: () => void;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const stop = (all: boolean): Promise<void> => {
    stopping ??= shutDown({
      all,
      hurry: hurry.signal,
      context,
      triggers,
      server: server.ok ? server.value : undefined,
      log: options.log,
    })
      .then(release)
      .then(() => ended());
    return stopping;
  };
  const commit: ControllerContext['commit'] = async (fact, meta) => {
    const committed = await store.commit(fact, meta);
    if (committed.ok) {
      hub.changed();
      const records = store.records();
      for (const event of rolloutEvents(told, records, clock.now())) store.appendEvent(event);
      told = records;
      for (const key of committed.value.changed) loop.submit(key);
    }
    return committed;
  };
  const context: ControllerContext = {
    paths,
    version: options.version,
    clock,
    store,
    driver,
    loop,
    leaving,
    probes,
    code,
    commit,
    get atStart() {
      return atStart;
    },
    usage: () => usage,
    nextRun: (key) => hub.nextRun(key),
    // Ends in the process's end; a failure on the way is logged by shutDown.
    stop: (all) => void stop(all),
  };
  const recordRollout = rolloutRecorder({
    store,
    commit,
    clock,
    driver,
    observe: () => loop.observeAll(),
    log: options.log,
  });
  const outlet = triggerOutlet({ commit, loop, store, clock, recordRollout, log: options.log });
  const hub = new TriggerHub({
    store,
    driver,
    triggers: createTriggers({
      outlet,
      clock,
      random: Math.random,
      store,
      driver,
      status: loop.status,
      code,
      probes,
      paths,
      log: options.log,
      onUsage: (samples) => (usage = samples),
    }),
  });
  await connect(driver);
  atStart = loop.observeAll();
  loop.start();
  const triggers = [
    () => hub.close(),
    announceMessages(driver, store, clock),
    startResync({ clock, random: Math.random, periodMs: RESYNC_MS, submit: () => loop.submitAll() }),
  ];
  const server = await createApiServer({
    socketPath: paths.apiSocket,
    backend: createBackend(context),
    onError: (error) =>
      options.log(`api: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  });
  if (!server.ok) {
    await stop(false);
    return server;
  }
  recordStart(context);
  return ok({ stop, hurry: () => hurry.abort(), ended: end });
}

interface LoopParts extends Pick<Parts, 'options' | 'store'> {
  readonly status: StatusTable;
  readonly probes: Probes;
  readonly code: CodeBook;
  readonly onRollout: RecordRollout;
}

function createLoop(
  { options, store, status, probes, code, onRollout }: LoopParts,
  driver: HostDriver,
  leaving: LeavingApps,
): ReconcileLoop {
  return new ReconcileLoop({
    clock: systemClock,
    random: Math.random,
    newNonce: () => randomBytes(16).toString('hex'),
    driver,
    state: loopState({ store, leaving, clock: systemClock }),
    status,
    codeOf: (app) => code.ofStart(app),
    probedReady: (instance, app) => probes.readiness(instance, app),
    onRollout,
    concurrency: CONCURRENCY,
    startsAtOnce: STARTS_PER_PROCESSOR * availableParallelism(),
    onError: (key, error, retryInMs) =>
      options.log(
        `${key}: ${error instanceof Error ? error.message : String(error)}; again in ${retryInMs} ms`,
      ),
  });
}

/** Waits for the process table, so that the first answers are about what runs and not about what is not known yet. */
async function connect(driver: HostDriver): Promise<void> {
  await driver.open();
  if (driver.reachable) return;
  await new Promise<void>((resolve) => {
    const cancel = systemClock.after(RUNNER_PATIENCE_MS, done);
    const unsubscribe = driver.subscribe(({ kind }) => {
      if (kind === 'connected') done();
    });
    function done(): void {
      cancel();
      unsubscribe();
      resolve();
    }
  });
}

function recordStart({ store, clock, version }: ControllerContext): void {
  const base = { at: clock.now(), key: null, slot: null, pid: process.pid, generation: null };
  for (const message of store.notices) {
    store.appendEvent({ ...base, level: 'warning', reason: 'StateRepaired', message });
  }
  const message = `controller ${version} started (pid ${process.pid})`;
  store.appendEvent({ ...base, level: 'info', reason: 'ControllerStarted', message });
}
