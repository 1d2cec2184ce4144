import type { DaemonStatus, DaemonStopped } from '../api/contract/wire/daemon.ts';
import type { HostDriver } from '../driver/driver.ts';
import { silentRunner } from '../home/silent.ts';
import type { HomeLayout } from '../home/layout.ts';
import { appKey, type AppKey } from '../lib/app-key.ts';
import { systemClock } from '../lib/clocks/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { remainsOf } from '../plan/slots/remains.ts';
import { endHolderOf } from '../runner/activation/holder-process.ts';
import { livingLeftBehind } from '../runner/adoption/left-behind.ts';
import { hostProcesses } from '../runner/processes/host-processes.ts';
import { acquireLock } from '../runner/lock/lock.ts';
import { Bound } from '../reconcile/bound.ts';
import { createExecutor, type Execute } from '../reconcile/executor.ts';
import type { Store } from '../state/store.ts';
import { awaitRunner } from './context/await-runner.ts';
import { createDriver, marksOfHome } from './context/create-driver.ts';
import { liveInstances, stopEverything } from './stop-everything.ts';

export interface OfflineHome {
  readonly paths: HomeLayout;
  readonly version: string;
  /** Folder of the built programs. */
  readonly distDir: string;
}

/** A runner that is started to take over what an earlier one has left has this long to do it. */
const TAKE_OVER_MS = 10_000;

/** How many apps and processes run: as the runner says, or without one as its ledger does. */
export async function countProcesses(
  paths: HomeLayout,
  driver: HostDriver,
): Promise<NonNullable<DaemonStatus['apps']>> {
  const keys = driver.reachable ? liveInstances(driver).map(({ key }) => key) : await orphans(paths);
  return { count: new Set(keys).size, processes: keys.length };
}

/** The processes that no stop ends, because they cannot be proven to be ours. */
export function unverifiedProcesses(driver: Pick<HostDriver, 'instances'>): Pick<DaemonStatus, 'unverified'> {
  const unverified = driver
    .instances()
    .filter(({ state }) => state === 'unverified')
    .map(({ key, pid }) => ({ key, pid }));
  return unverified.length === 0 ? {} : { unverified };
}

/**
 * `daemon stop --all` without a controller: stops every app in order, as a controller would, and the runner. Nothing is
 * started for it but a runner, where apps have outlived theirs.
 */
export async function stopOffline(
  home: OfflineHome,
  store: Store | null,
): Promise<Result<DaemonStopped, Failure>> {
  const { paths } = home;
  const lock = await acquireLock(paths.controllerLock, { folder: paths.state });
  if (!lock.held)
    return err({ code: 'CONFLICT', message: 'a controller has just been started', hint: RETRY });
  const driver = await connectRunner(home, (await orphans(paths)).length > 0);
  try {
    if (driver.refusal !== null) return err(driver.refusal);
    if (driver.silence !== null) return err(silentRunner(driver.silence.pid, driver.silence.since));
    if (!driver.reachable) {
      // No process has the sockets that it keeps, and nobody else would end it.
      endHolderOf(paths.socketHolder, hostProcesses());
      return ok({});
    }
    await driver.park();
    const accepted = store?.accepted() ?? [];
    const { signal: hurry } = new AbortController();
    const execute = stoppingExecutor(driver);
    await stopEverything({
      driver,
      execute,
      clock: systemClock,
      accepted,
      hurry,
      patienceMs: 0,
      runsHooks: false,
    });
    const left = liveInstances(driver);
    if (left.length > 0) return err(notEnded(left.map(({ pid }) => pid)));
    const remains = driver.instances().flatMap((instance) => remainsOf(instance) ?? []);
    await driver.shutDown();
    return remains.length === 0
      ? ok({})
      : err({ code: 'APP_FAILED', message: remains.join('; '), hint: RETRY });
  } finally {
    driver.close();
    await lock.lock.release();
  }
}

/** For a plan without starts: no process gets a name, and no history is kept. */
function stoppingExecutor(driver: HostDriver): Execute {
  const flushHistory = (): Promise<boolean> => Promise.resolve(true);
  return createExecutor({ driver, newNonce: () => '', starts: new Bound(1), flushHistory });
}

const RETRY = 'run the command again';

function notEnded(pids: readonly (number | null)[]): Failure {
  const message = `${pids.length} processes have not ended: ${pids.join(', ')}`;
  return { code: 'APP_FAILED', message, hint: RETRY };
}

/** The apps of instances that outlive their runner, one entry for each instance. */
async function orphans(paths: HomeLayout): Promise<readonly AppKey[]> {
  const labels = await livingLeftBehind({ ledger: paths.ledger, ...marksOfHome(paths) });
  return labels.map(({ project, app }) => appKey(project, app));
}

/**
 * Connects to the running runner; with `isNeeded` starts one that takes over what an earlier one has left.
 */
async function connectRunner(home: OfflineHome, isNeeded: boolean): Promise<HostDriver> {
  const driver = createDriver({ ...home, onError: () => undefined, startsRunner: isNeeded });
  await (isNeeded ? awaitRunner(driver, systemClock, TAKE_OVER_MS) : driver.open());
  return driver;
}
