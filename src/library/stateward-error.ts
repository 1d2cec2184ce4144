import { ERROR_CODES, type ErrorCode } from '../lib/error-codes.ts';
import { FailureError, type Failure, type SourcePosition } from '../lib/failure.ts';
import type { Result } from '../lib/result.ts';

/**
 * What every promise and iterator of the library rejects with, unless its signal was aborted: what the command line would
 * print. `message` says what is wrong, `hint` the way out.
 */
export class StatewardError extends Error {
  override readonly name = 'StatewardError';
  /** Stable: `SELECTOR_NOT_FOUND`, `ROLLOUT_FAILED`, `DAEMON_UNREACHABLE` ... (docs/error-codes.md). */
  readonly code: ErrorCode;
  /** What a command would end with. */
  readonly exitCode: number;
  /** The way out. */
  readonly hint: string | undefined;
  /** Further lines: candidates, last log lines. */
  readonly details: readonly string[];
  /** Where in an ecosystem file it is. */
  readonly position: SourcePosition | undefined;
  /** Everything that is wrong; the first of it is this error. */
  readonly failures: readonly [Failure, ...Failure[]];

  constructor(failures: readonly [Failure, ...Failure[]]) {
    const [first] = failures;
    super(first.message);
    this.code = first.code;
    this.exitCode = ERROR_CODES[first.code];
    this.hint = first.hint;
    this.details = first.details ?? [];
    this.position = first.position;
    this.failures = failures;
  }
}

/** The value of an answer; a failure is thrown. */
export function valueOf<T>(answer: Result<T, Failure>): T {
  if (answer.ok) return answer.value;
  throw new StatewardError([answer.error]);
}

/**
 * Does some work, whose failures become errors of the library. When `signal` is aborted, its reason is thrown at once; what
 * was sent before that is not taken back.
 */
export async function guarded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const done = work().catch((error: unknown) => {
    throw asError(error);
  });
  if (signal === undefined) return done;
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(reasonOf(signal));
    signal.addEventListener('abort', stop, { once: true });
  });
  // Whichever comes second has nobody who hears of it.
  done.catch(() => undefined);
  aborted.catch(() => undefined);
  try {
    return await Promise.race([done, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The same for a stream, which ends when its signal is aborted. */
export async function* guardedStream<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw asError(error);
  }
}

function asError(error: unknown): Error {
  if (error instanceof FailureError) return new StatewardError(error.failures);
  return error instanceof Error ? error : new Error(String(error));
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
