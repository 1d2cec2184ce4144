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
  /** A command that is to end it, before `signal` and `message`, run as a process of this app is; absent: none. */
  readonly shutdown?: {
    readonly command: readonly string[];
    readonly timeoutMs: number;
    readonly app: StoppedApp;
  };
}

/**
 * How much time a stop may take:
 * - `orderly`: the drain may take as long as the grace period that follows it.
 * - `at-once`: no drain.
 * - `kill`: no grace period either.
 */
export type StopPace = 'orderly' | 'at-once' | 'kill';

/** What is known of an app that is stopped. */
export interface StoppedApp {
  readonly project: string;
  readonly spec: AppSpec;
}

/** The defaults of the ecosystem file. */
const UNKNOWN = {
  stop_signal: 'SIGINT',
  kill_timeout: 5_000,
  treekill: true,
  shutdown_with_message: false,
} as const satisfies Partial<AppSpec>;

/** How an app is stopped; `app` with the newest spec that is known of it, and undefined when none is. */
export function stopOrder(app?: StoppedApp, pace: StopPace = 'orderly'): StopOrder {
  const { stop_signal, kill_timeout, treekill, shutdown_with_message } = app?.spec ?? UNKNOWN;
  return {
    signal: stop_signal,
    tree: treekill,
    graceMs: pace === 'kill' ? 0 : kill_timeout,
    drainMs: pace === 'orderly' ? kill_timeout : 0,
    message: shutdown_with_message,
    ...(pace !== 'kill' && app !== undefined && shutdownOf(app)),
  };
}

function shutdownOf({ project, spec }: StoppedApp): Pick<StopOrder, 'shutdown'> {
  if (spec.shutdown === null) return {};
  const { command, timeout: timeoutMs } = spec.shutdown;
  return { shutdown: { command, timeoutMs, app: { project, spec } } };
}
