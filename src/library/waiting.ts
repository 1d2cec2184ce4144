import type { ApiClient } from '../api/client/client.ts';
import type { WaitTarget } from '../api/contract/wire/apply.ts';
import { createFailureLog } from '../cli/wait/failure-log.ts';
import { failuresOf, listThenWatch, waitQuery } from '../cli/wait/converge.ts';
import { waitForTargets } from '../cli/wait/wait.ts';
import { systemClock } from '../lib/clocks/clock.ts';
import { StatewardError } from './stateward-error.ts';

/** How a change is waited for. */
export interface WaitOptions {
  /** Wait until it is done, and reject when it fails. Default: true. */
  readonly wait?: boolean;
  /** Milliseconds; then the promise rejects with WAIT_TIMEOUT, and the daemon goes on. Default: 5 minutes. */
  readonly timeoutMs?: number;
  /** Told whenever an app has come a step further: a line for people. */
  readonly onProgress?: (app: string, text: string) => void;
  /** Ends the wait, not what was asked for. */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 5 * 60_000;
const RECONNECT_PAUSE_MS = 200;

/** Resolves when every target is as asked for; rejects with what a command that waits would print. */
export async function settled(
  api: ApiClient,
  targets: readonly WaitTarget[],
  { wait = true, timeoutMs = DEFAULT_TIMEOUT_MS, onProgress, signal }: WaitOptions,
): Promise<void> {
  if (!wait || targets.length === 0) return;
  const streams = new AbortController();
  const log = createFailureLog(api);
  const cancels: (() => void)[] = [];
  const after = (ms: number): Promise<void> =>
    new Promise((resolve) => cancels.push(systemClock.after(ms, resolve)));
  const aborted = new Promise<'interrupted'>((resolve) => {
    const stop = (): void => resolve('interrupted');
    signal?.addEventListener('abort', stop, { once: true });
    cancels.push(() => signal?.removeEventListener('abort', stop));
  });
  try {
    const outcome = await waitForTargets({
      targets,
      watch: () => listThenWatch(api, waitQuery(targets), streams.signal),
      onProgress: (app, progress) => {
        log.hear(app, progress);
        onProgress?.(app, progress.text);
      },
      cutOff: Promise.race([after(timeoutMs).then(() => 'timeout' as const), aborted]),
      clock: systemClock,
      pause: () => after(RECONNECT_PAUSE_MS),
    });
    if (outcome.kind === 'converged' || outcome.kind === 'interrupted') return;
    throw new StatewardError(await failuresOf(outcome, { api, timeoutMs }, log));
  } finally {
    streams.abort();
    for (const cancel of cancels) cancel();
  }
}
