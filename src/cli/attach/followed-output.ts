import { setTimeout as pause } from 'node:timers/promises';
import type { LogsOptions } from '../../api/client/client.ts';

/** What a process writes from a moment on. */
export interface FollowedOutput {
  /** Ends after `stop`. Throws where the daemon is gone for longer. */
  readonly lines: AsyncIterable<string>;
  readonly stop: () => void;
}

/** A daemon of an earlier version does not say that it follows a process that has no logs. */
const UNTOLD_MS = 2_000;

/**
 * Resolves when nothing is missed that is written from then on: what somebody types after that has its answer in `lines`,
 * however fast it comes. Throws why the output cannot be read.
 */
export async function followOutput(
  open: (options: LogsOptions) => AsyncIterable<{ readonly line: string }>,
): Promise<FollowedOutput> {
  const { signal, stop } = stoppable();
  const begun = new AbortController();
  const following = new Promise<void>((resolve) => {
    begun.signal.addEventListener('abort', () => resolve());
  });
  const source = open({ signal, onFollowing: () => begun.abort() })[Symbol.asyncIterator]();
  const first = source.next();
  const untold = pause(UNTOLD_MS, undefined, { signal: begun.signal }).catch(() => undefined);
  try {
    await Promise.race([following, first, untold]);
  } finally {
    begun.abort();
  }
  // Told to whoever reads the lines.
  first.catch(() => undefined);
  return { lines: linesOf(first, source, signal), stop };
}

function stoppable(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const ended = new AbortController();
  return { signal: ended.signal, stop: () => ended.abort() };
}

type Step = IteratorResult<{ readonly line: string }>;

async function* linesOf(
  first: Promise<Step>,
  source: AsyncIterator<{ readonly line: string }>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for (let step = await first; step.done !== true; step = await source.next()) yield step.value.line;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
