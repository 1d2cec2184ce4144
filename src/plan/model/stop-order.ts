import type { AppSpec } from '../../spec/types.ts';

/** How a process is asked to end: first to drain, then to end, and at last it is killed. */
export interface StopOrder {
  readonly signal: string;
  /** `signal` goes to the whole process group; the kill always does. */
  readonly tree: boolean;
  /** Milliseconds between being asked and being killed. */
  readonly graceMs: number;
  /** Milliseconds before it is asked, for what is under way to end; 0: it is asked at once. */
  readonly drainMs: number;
  /** It is asked with the message `shutdown` in place of `signal`, where messages reach it. */
  readonly message: boolean;
}

/**
 * How much time a stop may take:
 * - `orderly`: the drain may take as long as the grace period that follows it.
 * - `at-once`: no drain.
 * - `kill`: no grace period either.
 */
export type StopPace = 'orderly' | 'at-once' | 'kill';

type StopFields = Pick<AppSpec, 'stop_signal' | 'kill_timeout' | 'treekill' | 'shutdown_with_message'>;

/** The defaults of the ecosystem file. */
const UNKNOWN_SPEC: StopFields = {
  stop_signal: 'SIGINT',
  kill_timeout: 5_000,
  treekill: true,
  shutdown_with_message: false,
};

/** How an app is stopped; `spec` is the newest one known of it, and undefined when none is. */
export function stopOrder(spec: StopFields = UNKNOWN_SPEC, pace: StopPace = 'orderly'): StopOrder {
  const { stop_signal, kill_timeout, treekill, shutdown_with_message } = spec;
  return {
    signal: stop_signal,
    tree: treekill,
    graceMs: pace === 'kill' ? 0 : kill_timeout,
    drainMs: pace === 'orderly' ? kill_timeout : 0,
    message: shutdown_with_message,
  };
}
