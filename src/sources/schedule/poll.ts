export interface Poll {
  /** How often something is done, in milliseconds. */
  readonly everyMs: number;
  /** How often in a row it has failed. */
  readonly failures: number;
  /** The longest wait after failures, unless `everyMs` is longer. */
  readonly longestMs: number;
  /** From 0 to 1: the same number gives the same time. */
  readonly random: number;
}

/** The part of the interval by which hosts that started together come apart. */
const JITTER = 0.1;
const MAX_DOUBLINGS = 16;

/** How long it is until it is done again: the interval, a tenth shorter or longer; after failures twice as long each time. */
export function pollWait({ everyMs, failures, longestMs, random }: Poll): number {
  const longest = Math.max(everyMs, longestMs);
  const waitMs = Math.min(longest, everyMs * 2 ** Math.min(MAX_DOUBLINGS, failures));
  return Math.round(waitMs * (1 + JITTER * (2 * random - 1)));
}
