import type { Clock } from '../../lib/clocks/clock.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { START_DAEMON } from '../contract/no-daemon.ts';

const RESUME_ATTEMPTS = 20;
/** What an attempt that finds the daemon silent counts for, beside itself: all of them take half a minute. */
const SILENT_ATTEMPTS = 3;
const RESUME_PAUSE_MS = 250;

/**
 * The items of a stream across the death of a daemon: the stream is opened again, for some seconds, unless no daemon has
 * answered yet at all. One that was told to stop says so; then nobody waits for it.
 */
export async function* resumed<T>(
  open: () => Promise<AsyncIterable<T>>,
  daemon: { readonly clock: Clock; readonly hasAnswered: boolean },
  signal: AbortSignal,
): AsyncGenerator<T> {
  let lost: unknown = new FailureError(ENDED);
  for (let attempts = 0; attempts < RESUME_ATTEMPTS; attempts += 1) {
    try {
      const items = await open();
      attempts = 0;
      for await (const item of items) yield item;
    } catch (error) {
      const code = error instanceof FailureError ? error.failures[0].code : undefined;
      if (!daemon.hasAnswered || (code !== 'DAEMON_UNREACHABLE' && code !== 'DAEMON_SILENT')) throw error;
      // A daemon that hangs is replaced after a while. To find it silent has taken some seconds.
      if (code === 'DAEMON_SILENT') attempts += SILENT_ATTEMPTS;
      lost = error;
    }
    // A stream also ends without an error: when its reader was too slow.
    await pause(daemon.clock, RESUME_PAUSE_MS, signal);
    if (signal.aborted) return;
  }
  throw lost;
}

const ENDED: Failure = {
  code: 'DAEMON_UNREACHABLE',
  message: 'the daemon has ended',
  hint: START_DAEMON,
};

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done);
  });
}
