import type { DaemonStatus, DaemonStopped } from '../../api/contract/wire/daemon.ts';
import { untilEnded } from '../../home/until-ended.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { FailureError } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/units.ts';
import type { Api } from './api.ts';
import { unwrap } from './failures.ts';
import { sendAs } from './who-asks.ts';

const POLL_MS = 20;

export interface StopControllerOptions {
  readonly api: Pick<Api, 'status' | 'stopDaemon'>;
  readonly home: string;
  readonly clock: Clock;
  /** Of the daemon that answers. */
  readonly status: DaemonStatus;
  /** The apps too, and the runner. */
  readonly all: boolean;
  readonly timeoutMs: number;
  /** Who wants it. Absent: it makes room for another. */
  readonly by?: string;
}

/** Has the daemon end, and waits until it has; resolves with what it had to say. Throws WAIT_TIMEOUT. */
export async function stopController(options: StopControllerOptions): Promise<DaemonStopped> {
  const { api, home, clock, status, all, timeoutMs, by } = options;
  const stopped = unwrap(
    await (by === undefined
      ? api.stopDaemon({ all })
      : sendAs(by, { all }, (request) => api.stopDaemon(request))),
  );
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

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(POLL_MS, resolve));
}
