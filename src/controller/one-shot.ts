import { existsSync } from 'node:fs';
import { runOneShot } from '../api/server/one-shot.ts';
import type { AppKey } from '../lib/app-key.ts';
import { systemClock, within } from '../lib/clocks/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok } from '../lib/result.ts';
import { rememberNames } from '../state/desired/moves.ts';
import { sourceFile } from '../state/disk/layout.ts';
import { openStore } from '../state/open-store.ts';
import type { Store } from '../state/store.ts';
import { refusingBackend, type ApiBackend } from '../api/contract/endpoints/backend.ts';
import { START_DAEMON } from '../api/contract/no-daemon.ts';
import { withListening } from '../plan/slots/readiness.ts';
import type { ObservedInstance } from '../plan/model/observed.ts';
import { planRequest, portLook, readCode } from './apply/apply.ts';
import { readMarkKey } from '../runner/marks/mark-key.ts';
import { SecretBook } from './secrets/secret-book.ts';
import { codeBook } from './context/code-book.ts';
import { createDriver, leftBehind } from './context/create-driver.ts';
import { openLogs } from './logs/open-logs.ts';
import { whileFrozen } from './freezes/while-frozen.ts';
import { outsideOfInstances } from '../runner/processes/nonce.ts';
import { offlineSettings } from './settings/offline.ts';
import { freezeQueries } from './freezes/freeze-requests.ts';
import { auditQueries } from './views/audit-queries.ts';
import { openFreezes } from '../state/freezes/freeze-book.ts';
import { stateLayout } from '../state/disk/layout.ts';
import { listApps, type AppSources } from './views/app-queries.ts';
import type { HostSnapshot } from './apply/host-snapshot.ts';
import { revisionQueries } from './views/revision-queries.ts';
import { unsafeHome } from '../home/check.ts';
import { namedHolder, silentRunner } from '../home/silent.ts';
import { homeLayout } from '../home/layout.ts';
import { countProcesses, stopOffline, unverifiedProcesses, type OfflineHome } from './stop-offline.ts';
import { makeSnapshot } from './snapshots/make-snapshot.ts';
import { withoutRunner } from './served/without-runner.ts';

/**
 * Answers one request from the state on disk, read-only: what `plan`, `diff`, `daemon status`, `daemon stop --all` and
 * whatever asks first whether there is anything to do use when no controller runs. A runner that still parents apps is
 * asked for its process table.
 */
export async function answerOnce(options: { home: string; version: string; distDir: string }): Promise<void> {
  const paths = homeLayout(options.home);
  await runOneShot({
    input: process.stdin,
    output: process.stdout,
    backend: await offlineBackend({ ...options, paths }),
  });
  process.exit(0);
}

async function offlineBackend(home: OfflineHome): Promise<ApiBackend> {
  const { paths } = home;
  const refusal = unsafeHome(paths.home);
  if (refusal !== null) return refusingBackend(refusal);
  const store = await openStore({ dir: paths.state, clock: systemClock, readOnly: true });
  if (!store.ok) {
    // Processes are to end whether their declaration can be read or not.
    const stopDaemon: ApiBackend['stopDaemon'] = () => stopOffline(home, null);
    return { ...refusingBackend(store.error), stopDaemon };
  }
  const names = rememberNames(() => store.value.records());
  const driver = createDriver({ ...home, names, onError: () => undefined, observeOnly: true });
  await within(RUNNER_PATIENCE_MS, driver.open(), systemClock);
  const left = driver.reachable ? null : await leftBehind(paths);
  // Somebody holds the runner's lock, and nobody answers.
  const silent = silentRunner(driver.silence?.pid ?? namedHolder(paths.runnerLock));
  const problem = driver.refusal ?? (driver.reachable || left !== null ? null : silent);
  const known = left ?? driver.instances();
  const instancesOf = (key: AppKey): readonly ObservedInstance[] =>
    listening(
      key,
      store.value,
      known.filter((instance) => instance.key === key),
    );
  const host: HostSnapshot = {
    records: store.value.records(),
    reachable: driver.reachable || left !== null,
    instances: [...new Set(known.map(({ key }) => key))].flatMap(instancesOf),
    histories: store.value.histories(),
    now: systemClock.now(),
    exists: existsSync,
    isSource: (name) => existsSync(sourceFile(paths.state, name)),
  };
  const code = codeBook({
    secrets: new SecretBook({ environment: {}, baseEnv: {}, key: readMarkKey(paths.secretKey) }),
    stateDir: paths.state,
    store: store.value,
    readOnly: true,
    onError: () => undefined,
  });
  const sources: AppSources = {
    store: store.value,
    statusOf: () => undefined,
    published: () => [],
    instancesOf,
    usage: () => new Map(),
    nextRun: () => null,
    logFilesOf: (app, slot) => driver.logFiles(app, slot),
  };
  const layout = stateLayout(paths.state);
  const { freezes } = await openFreezes({
    path: layout.freezes,
    clock: systemClock,
    readOnly: true,
    onError: () => undefined,
  });
  const backend: ApiBackend = {
    ...refusingBackend(NEEDS_DAEMON),
    ...auditQueries(layout.audit),
    ...freezeQueries(freezes),
    ...offlineSettings(paths, home.distDir, outsideOfInstances(process.env)),
    apps: (query) => listApps(query, sources),
    ...revisionQueries({ store: store.value, instancesOf }),
    plan: async (request) =>
      planRequest(
        request,
        { ...host, code: await readCode(request, code) },
        portLook({ driver, clock: systemClock }),
      ),
    snapshot: () =>
      Promise.resolve(
        makeSnapshot({ host, freezes: freezes.list(), version: home.version, stateDir: paths.state }),
      ),
    logs: (query, signal) => {
      const hasSome = query.daemon === true ? existsSync(paths.daemonLog) : store.value.desired().length > 0;
      return Promise.resolve(
        hasSome ? openLogs(query, { store: store.value, driver, paths, signal }) : err(NEEDS_DAEMON),
      );
    },
    status: async () =>
      ok({
        controller: null,
        runner: driver.runner ?? null,
        ...problemOf(problem),
        home: paths.home,
        socket: paths.apiSocket,
        apps: await countProcesses(paths, driver),
        ...unverifiedProcesses(driver),
      }),
    stopDaemon: () => stopOffline(home, store.value),
  };
  return withoutRunner(whileFrozen(backend, { freezes, store: store.value }), {
    refusal: driver.refusal,
    confirm: () => Promise.resolve(problem),
  });
}

function problemOf(failure: Failure | null): { readonly problem?: Failure } {
  return failure === null ? {} : { problem: failure };
}

/** A runner that is stopped or stuck takes connections and answers nothing. */
const RUNNER_PATIENCE_MS = 3_000;

/** Nothing is probed here; the runner knows whether a process listens. */
function listening(
  key: AppKey,
  store: Store,
  instances: readonly ObservedInstance[],
): readonly ObservedInstance[] {
  const app = store.desiredApp(key);
  return app === undefined ? instances : withListening(instances, app);
}

const NEEDS_DAEMON: Failure = {
  code: 'DAEMON_UNREACHABLE',
  message: 'cannot answer this without a daemon',
  hint: START_DAEMON,
};
