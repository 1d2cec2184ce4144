import type { RunnerIdentity, RunnerUpgrade } from '../../api/contract/wire/upgrade.ts';
import type { DriverError, HostDriver } from '../../driver/driver.ts';
import { homeLayout } from '../../home/layout.ts';
import { namedHolder, silentRunner } from '../../home/silent.ts';
import { systemClock, within } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { BUILD } from '../../lib/programs/build.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { isHeld } from '../../runner/lock/lock.ts';
import { SuccessorProcess } from '../../runner/succession/successor-process.ts';
import { createDriver } from '../context/create-driver.ts';
import { runnerCommand } from '../programs.ts';

export interface UpgradeRunnerOptions {
  readonly home: string;
  readonly version: string;
  /** Folder of the built programs. */
  readonly distDir: string;
  /** Also where it is of this build already; and one that cannot hand over is killed. */
  readonly force: boolean;
}

type Command = readonly [string, ...string[]];

const HELLO_MS = 5_000;
const PREPARE_MS = 10_000;
/** To end the runner before, take the lock, find every process, and listen. */
const REPLACE_MS = 20_000;
const RETURN_MS = 10_000;
const POLL_MS = 50;

/** Has the runner of a home give its place to one that is built beside this program. Never rejects. */
export async function upgradeRunner(options: UpgradeRunnerOptions): Promise<RunnerUpgrade> {
  const { home, distDir, force } = options;
  const driver = await look(options);
  try {
    if (driver.refusal !== null) return { kind: 'failed', failure: driver.refusal };
    const before = driver.runner;
    if (before === undefined) return await withoutAnswer(options);
    if (before.build === BUILD && !force) return { kind: 'same', runner: before };
    const command = runnerCommand(distDir, home);
    const handed = await driver.handOver(command);
    if (handed.ok) {
      const { pid, version, build, instances: processes, ms } = handed.value;
      return { kind: 'upgraded', before, after: { pid, version, build }, killed: false, processes, ms };
    }
    if (handed.error.code === 'unreachable') return await afterDeath(before, options);
    if (handed.error.code !== 'unsupported') return { kind: 'failed', failure: failureOf(handed.error) };
    if (!force) return { kind: 'unsupported', runner: before };
    const processes = driver.instances().filter(({ state }) => state !== 'exited').length;
    return await replace(before, { command, processes, logPath: homeLayout(home).daemonLog });
  } catch (error) {
    return { kind: 'failed', failure: { code: 'UPGRADE_FAILED', message: errorMessage(error) } };
  } finally {
    driver.close();
  }
}

/** What runs, as far as it answers; nothing is started. */
async function look({ home, version, distDir }: UpgradeRunnerOptions): Promise<HostDriver> {
  const paths = homeLayout(home);
  const driver = createDriver({ paths, version, distDir, onError: () => undefined, observeOnly: true });
  await within(HELLO_MS, driver.open(), systemClock);
  return driver;
}

async function withoutAnswer({ home }: UpgradeRunnerOptions): Promise<RunnerUpgrade> {
  const { runnerLock } = homeLayout(home);
  if (!(await isHeld(runnerLock, { folder: home }))) return { kind: 'absent' };
  return { kind: 'failed', failure: silentRunner(namedHolder(runnerLock), null) };
}

interface Replacement {
  readonly command: Command;
  /** How many run. */
  readonly processes: number;
  readonly logPath: string;
}

/** Of a runner that cannot hand over: the new one is loaded first, and takes over as after a crash. */
async function replace(
  before: RunnerIdentity,
  { command, processes, logPath }: Replacement,
): Promise<RunnerUpgrade> {
  const begun = systemClock.monotonic();
  const successor = SuccessorProcess.start(command, { lockFds: [], logPath, clock: systemClock });
  try {
    const { version, build } = await successor.next('prepared', PREPARE_MS);
    successor.tell({ kind: 'replace', pid: before.pid });
    await successor.next('serving', REPLACE_MS);
    const ms = Math.round(systemClock.monotonic() - begun);
    const after = { pid: successor.pid, version, build };
    return { kind: 'upgraded', before, after, killed: true, processes, ms };
  } catch (error) {
    const details = successor.output();
    await successor.kill();
    const message = `the new runner does not come up: ${errorMessage(error)}`;
    return { kind: 'failed', failure: { code: 'UPGRADE_FAILED', message, details } };
  } finally {
    successor.release();
  }
}

/** The runner was killed while it handed over: whichever serves now counts. */
async function afterDeath(before: RunnerIdentity, options: UpgradeRunnerOptions): Promise<RunnerUpgrade> {
  const begun = systemClock.monotonic();
  const passed = (): number => Math.round(systemClock.monotonic() - begun);
  while (passed() < RETURN_MS) {
    const driver = await look(options);
    const { runner: after } = driver;
    const processes = driver.instances().filter(({ state }) => state !== 'exited').length;
    driver.close();
    if (after !== undefined && after.pid !== before.pid) {
      if (after.build === BUILD)
        return { kind: 'upgraded', before, after, killed: true, processes, ms: passed() };
      break;
    }
    await new Promise<void>((resolve) => systemClock.after(POLL_MS, resolve));
  }
  const message = `the runner (process ${before.pid}) ended while it handed over`;
  const hint = 'apps keep running; stateward daemon upgrade tries again';
  return { kind: 'failed', failure: { code: 'UPGRADE_FAILED', message, hint } };
}

/** The runner says in the first line why, and then what the other one has written. */
function failureOf(error: DriverError): Failure {
  const [message = '', ...details] = error.message.split('\n');
  const hint = 'nothing was changed: the runner goes on, and no app was touched';
  return { code: 'UPGRADE_FAILED', message, ...(details.length > 0 && { details }), hint };
}
