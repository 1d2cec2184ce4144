export interface Poll {
  /** How often the remote is looked at, in milliseconds. */
  readonly everyMs: number;
  /** When it was looked at last, epoch milliseconds; null: never. */
  readonly lastAt: number | null;
  /** How often in a row that has failed. */
  readonly failures: number;
  /** From 0 to 1, drawn once for each look: the same number gives the same time. */
  readonly random: number;
}

/** The part of the interval by which hosts that started together come apart. */
const JITTER = 0.1;
/** The longest wait after failures, unless the interval is longer. */
const MAX_BACK_OFF_MS = 15 * 60_000;
const MAX_DOUBLINGS = 16;

/**
 * When the remote is to be looked at next, epoch milliseconds: after the interval, a tenth shorter or longer; after
 * failures twice as late each time, up to a quarter of an hour. A source that was never looked at is due at once, and so
 * is one whose last look lies in the future: the clock was set back.
 */
export function nextPoll({ everyMs, lastAt, failures, random }: Poll, now: number): number {
  if (lastAt === null || lastAt > now) return now;
  const longest = Math.max(everyMs, MAX_BACK_OFF_MS);
  const waitMs = Math.min(longest, everyMs * 2 ** Math.min(MAX_DOUBLINGS, Math.max(0, failures)));
  return Math.round(lastAt + waitMs * (1 + JITTER * (2 * random - 1)));
}
