import { uptime } from 'node:os';
import type { ApiBackend } from '../api/contract/endpoints/backend.ts';
import { createApiServer } from '../api/server/server.ts';
import { systemClock } from '../lib/clocks/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { ok, type Result } from '../lib/result.ts';
import type { HomeLayout } from '../home/layout.ts';
import { Bound } from '../reconcile/bound.ts';
import { createExecutor } from '../reconcile/executor.ts';
import { ReconcileLoop } from '../reconcile/loop.ts';
import { Observer } from '../reconcile/observer.ts';
import { StatusTable } from '../reconcile/status-table.ts';
import { rememberNames } from '../state/desired/moves.ts';
import type { PortRange } from '../spec/ports/chosen-ports.ts';
import type { Retention } from '../state/model/retention.ts';
import type { Store } from '../state/store.ts';
import { createTriggers, TriggerHub } from '../triggers/hub.ts';
import { UsageTable } from '../triggers/usage/usage-table.ts';
import { createBackend } from './backend.ts';
import { beginWhen, once } from './begin.ts';
import { guardedBackend } from './served/guarded-backend.ts';
import { awaitRunner } from './context/await-runner.ts';
import { codeBook } from './context/code-book.ts';
import { createDriver } from './context/create-driver.ts';
import type { ControllerContext } from './context/context.ts';
import { RecordedTimes } from './context/recorded-times.ts';
import { newNonce } from './context/nonce.ts';
import { LeavingApps } from './context/leaving-apps.ts';
import { keepSockets } from './context/keep-sockets.ts';
import { loopState } from './context/loop-state.ts';
import { takeOverRestarts } from './context/found-restarts.ts';
import { openDrift } from './drift/open.ts';
import { Http } from './http/http.ts';
import { createPortBook } from './ports/create-port-book.ts';
import { freezesOf } from './freezes/freezes-of.ts';
import { Ending } from './ending.ts';
import { openSecrets } from './secrets/open-secrets.ts';
import { openSettings } from './settings/open.ts';
import { followRetention, intervalsOf, usualStarts } from './settings/parts.ts';
import { hookRecorder, type HookRecorderOptions } from './hooks/hook-recorder.ts';
import { rolloutEvents } from './rollouts/rollout-events.ts';
import { rolloutRecorder } from './rollouts/rollout-recorder.ts';
import { shutDown } from './shut-down.ts';
import { openReceivers } from './notify/open.ts';
import type { Sources } from './sources/sources.ts';
import { openSources } from './sources/open.ts';
import { recordStart } from './context/record-start.ts';
import { standingParts } from './standing-parts.ts';
import { tellOfSilence } from './context/tell-of-silence.ts';
import { describeRefusal } from './served/without-runner.ts';
import { triggerOutlet } from './triggers/outlet.ts';
import { Traffic } from '../triggers/probes/traffic.ts';
import { createProbes } from './triggers/probes.ts';
import { errorMessage, errorStack } from '../lib/system-error.ts';

export interface ControllerOptions {
  readonly home: string;
  readonly version: string;
  /** Folder of the built programs. */
  readonly distDir: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Somebody else starts it again when it dies: `daemon run`. */
  readonly supervised: boolean;
  /** Somebody is about to say what is to run: what was declared before waits for that, for a while. */
  readonly awaitsApply?: boolean;
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

export interface Parts {
  readonly options: ControllerOptions;
  /** What `port: auto` chooses from. */
  readonly portRange: PortRange;
  readonly paths: HomeLayout;
  readonly store: Store;
  /** Has the store keep so much from now on. */
  readonly retain: (retention: Retention) => void;
  /** What was open to others in the home and is not any more, for people. */
  readonly mended: readonly string[];
  /** Frees the home for another controller. */
  readonly release: () => Promise<void>;
}

const CONCURRENCY = 64;
/** The API answers after the processes are known, or after this long without a runner. */
const RUNNER_PATIENCE_MS = 3_000;

/**
 * Makes the parts of a controller, each from those above it. A part never calls what is below it: that subscribes.
 */
export async function compose({
  options,
  portRange,
  paths,
  store,
  retain,
  mended,
  release,
}: Parts): Promise<Result<Controller, Failure>> {
  const { log, version, supervised } = options;
  const onError = (error: unknown): void => log(`internal error: ${errorStack(error)}`);
  const uptimeMs = (): number => uptime() * 1000;
  const times = new RecordedTimes({ store, clock: systemClock, uptimeMs, onError, log });
  const { clock } = times;
  const names = rememberNames(() => store.records());
  const driver = createDriver({ ...options, paths, names, onError });
  driver.subscribe((event) => {
    if (event.kind === 'refused') log(describeRefusal(event.failure));
  });
  tellOfSilence({ driver, store, clock, log });
  const settings = await openSettings({ options, paths, store, clock, onError });
  followRetention(settings.book, retain);
  const secrets = openSecrets(options, paths);
  const code = codeBook({ stateDir: paths.state, store, secrets, onError });
  const leaving = new LeavingApps();
  const status = new StatusTable(onError);
  const usage = new UsageTable(onError);
  const probes = createProbes({ clock, store, driver, secrets, onError });
  const state = loopState({ store, leaving, times, secrets });
  const observer = new Observer({
    clock,
    driver,
    state,
    probedReady: (instance, app) => probes.readiness(instance, app),
    rests: (nonce) => traffic.rests(nonce),
  });
  const traffic: Traffic = new Traffic({
    ...{ clock, driver, desiredApp: (key) => store.desiredApp(key) },
    observe: (key) => observer.instancesOf(key),
    onChange: (key) => loop.submit(key, 'process'),
  });
  const recordRollout = rolloutRecorder({ store, clock, driver, observer, log });
  // Subscribed before the loop: the event that a rollout has ended comes before those of what follows from it.
  store.onCommit(({ before, after }) => {
    for (const event of rolloutEvents(before, after, clock.now())) store.appendEvent(event);
  });
  const portBook = createPortBook({ store, driver, clock, status, range: portRange });
  const execute = createExecutor({
    driver,
    newNonce,
    codeOf: (app) => code.ofStart(app),
    secretsOf: (app, use) => (use === 'start' ? secrets.forStart(app) : secrets.forCommand(app)),
    portsOf: (app, slot) => portBook.forStart(app, slot),
    starts: new Bound(settings.book.select(({ limits }) => limits.starts ?? usualStarts())),
    flushHistory: () => state.flushHistory(),
  });
  const onRecorded: HookRecorderOptions['onRecorded'] = (key) => loop.submit(key, 'hook');
  const hooks = hookRecorder({ driver, store, clock, observer, onError, onRecorded });
  const loop: ReconcileLoop = new ReconcileLoop({
    ...{ clock, driver, observer, state, status, execute },
    random: Math.random,
    onRollout: recordRollout,
    hooks,
    concurrency: CONCURRENCY,
    onError: (key, error, retryInMs) => log(`${key}: ${errorMessage(error)}; again in ${retryInMs} ms`),
  });
  const outlet = triggerOutlet({ store, loop, observer, clock, recordRollout, log });
  probes.subscribe((finding) => {
    // First: who is ready takes connections before whoever did leaves.
    if (finding.kind === 'changed') traffic.steer(finding.key);
    if (finding.kind === 'restart') outlet.requestRestart(finding.restart);
    else loop.submit(finding.key, 'probe');
  });
  const intervals = intervalsOf(settings.book);
  const context = {
    ...{ clock, random: Math.random, outlet, store, driver, status, code, usage, paths, log, intervals },
  };
  const hub = new TriggerHub({ clock, store, driver, triggers: [...createTriggers(context), probes] });
  await awaitRunner(driver, clock, RUNNER_PATIENCE_MS);
  await keepSockets({ driver, store });
  const ending = new Ending();
  const begin = once(() => loop.start());
  const freezes = await freezesOf(paths, { clock, onError, log });
  const editedOf: Sources['editedOf'] = (source) => answers.sources.editedOf(source);
  const period = intervals.drift;
  const drift = openDrift({ store, status, driver, clock, period, paths, editedOf, onError });
  const http = new Http({
    ...{ options, paths, store, clock, api: () => guarded },
    settings: settings.book,
  });
  const controller: ControllerContext = {
    ...{ paths, version, supervised, clock, settings, store, freezes, driver, http },
    ...{ observer, loop, leaving, probes, code, secrets, usage, ending },
    lookForDrift: () => drift.asked(),
    atStart: observer.instances(),
    nextRun: (key) => hub.nextRun(key),
    begin,
  };
  await takeOverRestarts({ store, instances: controller.atStart, log });
  // Sources apply as people do: what is frozen is refused to them too.
  const answers = openSources({
    ...{ options, paths, store, status, clock, api: () => guarded },
    builds: settings.book.select(({ limits }) => limits.builds),
    pollMs: settings.book.select(({ intervals }) => intervals.pollMs),
    instances: () => driver.instances(),
    showCondition: (key, type, condition) => {
      if (status.report(key, type, condition)) loop.submit(key, 'condition');
    },
  });
  const notify = openReceivers({ options, paths, store, status, clock, sources: answers.sources });
  const backend: ApiBackend = createBackend(controller, answers, notify.receivers);
  const guarded = guardedBackend(backend, controller);
  const listening = [
    beginWhen(options.awaitsApply === true, begin, clock),
    () => hub.close(),
    () => traffic.close(),
    () => drift.close(),
    ...standingParts(controller, { backend, newNonce, log }),
  ];
  const server = await createApiServer({
    socketPath: paths.apiSocket,
    backend: guarded,
    onError: (error) => log(`api: ${errorStack(error)}`),
  });
  const ended = ending.asked
    .then((all) =>
      shutDown({
        all,
        hurry: ending.hurried,
        context: controller,
        execute,
        listening: [...listening, () => answers.sources.close(), () => void notify.close()],
        server: server.ok ? server.value : undefined,
        log,
      }),
    )
    .then(() => Promise.all([notify.close(), http.close()]))
    .then(release);
  const stop = (all: boolean): Promise<void> => {
    ending.ask(all);
    return ended;
  };
  if (!server.ok) {
    await stop(false);
    return server;
  }
  recordStart(controller, mended);
  await notify.receivers.begin();
  await answers.sources.begin();
  return ok({ stop, hurry: () => ending.hurry(), ended });
}
