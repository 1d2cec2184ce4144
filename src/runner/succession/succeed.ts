import { readLedger } from '../ledger/read-ledger.ts';
import { acquireLock, inheritLock } from '../lock/lock.ts';
import type { Lock } from '../lock/lock-outcome.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { Runner } from '../runner.ts';
import { BUILD } from '../../lib/programs/build.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { SUCCEED_FLAG } from './messages.ts';
import { Predecessor } from './predecessor.ts';

export interface SucceedOptions {
  readonly paths: HomeLayout;
  readonly version: string;
  readonly clock: Clock;
  /** The descriptors of the lock of the home that the runner before shares; none: it shares none. */
  readonly lockFds: readonly number[];
  readonly makeRunner: (lock: Lock) => Runner;
  readonly log: (message: string) => void;
}

/** After a runner was killed its lock is free at once. */
const LOCK_MS = 5_000;
const LOCK_POLL_MS = 5;
/** A runner that has handed over ends at once; one that is held up is not waited for any longer. */
const GONE_MS = 5_000;

/** The descriptors that the flags of the program tell of, and the flags without that; undefined: it is no successor. */
export function successionOf(args: readonly string[]): {
  readonly lockFds: readonly number[] | undefined;
  readonly rest: readonly string[];
} {
  const flag = args.find((arg) => arg.startsWith(`${SUCCEED_FLAG}=`));
  const rest = args.filter((arg) => arg !== flag);
  const fds = flag?.slice(SUCCEED_FLAG.length + 1);
  return { lockFds: fds === '' ? [] : fds?.split(',').map(Number), rest };
}

/**
 * Runs this process as the runner that takes the place of another one, as that says. When it is killed meanwhile, this
 * one takes over as it does after any other death. Resolves with false when somebody else has.
 */
export async function succeed(options: SucceedOptions): Promise<boolean> {
  const { paths, version, clock, log } = options;
  const before = new Predecessor(process);
  const parent = process.ppid;
  try {
    await readLedger(paths.ledger);
    failpoint('upgrade.loaded');
    before.say({ kind: 'prepared', protocol: PROTOCOL_VERSION, version, build: BUILD });
    const word = await before.word();
    if (word.kind === 'gone') return await takeOverFromDead(options);
    if (word.kind === 'replace') {
      killRunner(word.pid, log);
      if (!(await takeOverFromDead(options, LOCK_MS))) throw new Error('another runner was quicker');
      before.say({ kind: 'serving', instances: 0 });
      return true;
    }
    const lock = await inheritLock(paths.runnerLock, options.lockFds);
    const runner = options.makeRunner(lock);
    await runner.prepare(before);
    failpoint('upgrade.found');
    before.say({ kind: 'restored' });
    if (word.kind === 'restore') {
      if (word.leaveWhenEmpty) runner.leaveWhenEmpty();
      const commit = await before.word();
      failpoint('upgrade.begun');
      const missing = commit.kind === 'commit' ? commit.missing : {};
      if (commit.kind !== 'commit') {
        log('the runner before has died while it handed over: going on with what is here');
        await lock.assign(process.pid);
      }
      await runner.begin({ before, missing, parked: word.parked });
    }
    before.say({ kind: 'serving', instances: runner.liveCount });
    const cancel = clock.after(GONE_MS, () => {
      if (process.connected) killRunner(parent, log);
    });
    void before.gone.then(cancel);
    return true;
  } catch (error) {
    before.say({ kind: 'failed', message: errorMessage(error) });
    throw error;
  }
}

/** Of a runner that cannot hand over. */
function killRunner(pid: number, log: (message: string) => void): void {
  if (pid <= 1) return;
  log(`ends the runner before (process ${pid})`);
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    log(`process ${pid}: ${errorMessage(error)}`);
  }
}

async function takeOverFromDead(options: SucceedOptions, waitMs = 0): Promise<boolean> {
  const { clock, paths, lockFds, makeRunner } = options;
  const lock =
    lockFds.length === 0
      ? await takeLock(paths, clock, waitMs)
      : await inheritLock(paths.runnerLock, lockFds);
  if (lock === null) return false;
  await lock.assign(process.pid);
  await makeRunner(lock).start();
  return true;
}

async function takeLock(
  { runnerLock, home }: HomeLayout,
  clock: Clock,
  waitMs: number,
): Promise<Lock | null> {
  const end = clock.monotonic() + waitMs;
  for (;;) {
    const outcome = await acquireLock(runnerLock, { folder: home });
    if (outcome.held) return outcome.lock;
    if (clock.monotonic() >= end) return null;
    await new Promise<void>((resolve) => clock.after(LOCK_POLL_MS, resolve));
  }
}
