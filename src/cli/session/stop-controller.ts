import { readFileSync } from 'node:fs';
import type { DaemonStatus, DaemonStopped } from '../../api/contract/wire/daemon.ts';
import type { Clock } from '../../lib/clock.ts';
import { FailureError } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/units.ts';
import type { Api } from './api.ts';
import { unwrap } from './failures.ts';

const POLL_MS = 20;
/** Between the last answer of a daemon and the end of its processes. */
const END_LIMIT_MS = 2_000;

export interface StopControllerOptions {
  readonly api: Pick<Api, 'status' | 'stopDaemon'>;
  readonly home: string;
  readonly clock: Clock;
  /** Of the daemon that answers. */
  readonly status: DaemonStatus;
  /** The apps too, and the runner. */
  readonly all: boolean;
  readonly timeoutMs: number;
}

/** Has the daemon end, and waits until it has; resolves with what it had to say. Throws WAIT_TIMEOUT. */
export async function stopController(options: StopControllerOptions): Promise<DaemonStopped> {
  const { api, home, clock, status, all, timeoutMs } = options;
  const stopped = unwrap(await api.stopDaemon({ all }));
  const deadline = clock.monotonic() + timeoutMs;
  while ((await api.status()).ok) {
    if (clock.monotonic() >= deadline) {
      throw new FailureError({
        code: 'WAIT_TIMEOUT',
        message: `the daemon has not ended after ${formatDuration(timeoutMs)}${all ? ', and goes on stopping the apps' : ''}`,
        hint: `stateward get -w shows what is left, ${home}/daemon.log why; --timeout waits longer`,
      });
    }
    await pause(clock);
  }
  const { controller, runner } = status;
  await untilEnded([controller?.pid, all ? runner?.pid : undefined], clock);
  return stopped;
}

/** What follows, another start or the removal of the home, is not to meet a process that is about to end. */
export async function untilEnded(pids: readonly (number | undefined)[], clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + END_LIMIT_MS;
  while (pids.some(isAlive) && clock.monotonic() < deadline) await pause(clock);
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(POLL_MS, resolve));
}

/** Of /proc/pid/stat behind the command: the state, and how many threads there are. */
const STATE = 0;
const THREADS = 17;

/** A zombie has ended when its last thread has; nobody may ever ask about it (pid 1 of a container need not care). */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[STATE] !== 'Z' || Number(fields[THREADS]) > 1;
  } catch {
    return false;
  }
}
