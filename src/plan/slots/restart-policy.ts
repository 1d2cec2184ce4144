import type { AppSpec } from '../../spec/types.ts';
import { restartGenerationOf } from './effective.ts';
import { exceedsMaxRestarts, isUnstable } from './history.ts';
import type { Reason } from '../model/reasons.ts';
import type { DesiredApp, InstanceExit, SlotHistory } from '../model/types.ts';

/** What becomes of an empty slot that is to hold a process. */
export type NextStart =
  | { readonly kind: 'now'; readonly reason: Reason }
  /** `until` is epoch milliseconds. */
  | { readonly kind: 'later'; readonly until: number; readonly reason: Reason; readonly message: string }
  /** Nothing, until a new template or restart counter. */
  | {
      readonly kind: 'never';
      readonly outcome: 'Completed' | 'Failed';
      readonly reason: Reason;
      readonly message: string;
    };

const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 30_000;
/** PM2's growth and cap of exp_backoff_restart_delay. */
const EXP_BACKOFF_FACTOR = 1.5;
const EXP_BACKOFF_CAP_MS = 15_000;
/** A program that is not there is hardly there a second later: try again, slowly. */
const START_FAILED_DELAY_MS = 30_000;
/** The last moment that a Date can hold. */
const LAST_DATE_MS = 8.64e15;
/** An exit further in the future than this was dated by a clock that has been set back since. */
const CLOCK_SET_BACK_MS = 5_000;

/** Whether an operator or an apply acted since the process in the history ended: nothing waits then. */
export function startsAfresh(history: SlotHistory | undefined, app: DesiredApp): boolean {
  if (history === undefined || history.lastExit === null) return true;
  return (
    history.lastTemplateHash !== app.templateHash ||
    history.lastRestartGeneration !== restartGenerationOf(app, history.slot) ||
    isTriedAgain(history.lastExit, app)
  );
}

/** The very version that failed is rolled out again: it may have been mended in place. A good end stays one. */
function isTriedAgain(exit: InstanceExit, { rollout, spec }: DesiredApp): boolean {
  return rollout !== undefined && exit.at < rollout.startedAt && !isGoodEnd(exit, spec);
}

function isGoodEnd(exit: InstanceExit, { stop_exit_codes, autorestart }: AppSpec): boolean {
  if (exit.error !== null || exit.code === null) return false;
  return stop_exit_codes.includes(exit.code) || (!autorestart && exit.code === 0);
}

/**
 * What follows the last exit of a slot, in this order:
 *
 * 1. nothing on record, a new template or restart counter, or an exit that stateward asked for: start now;
 * 2. the process could not be started: with autorestart every 30 s, without never again;
 * 3. one of `stop_exit_codes`, or code 0 without autorestart: completed;
 * 4. anything else without autorestart: failed;
 * 5. unstable, and more than `max_restarts` unstable exits in the window: failed (so 0 allows not one);
 * 6. else a start after the delay (see `restartDelayMs`).
 */
export function afterExit(history: SlotHistory | undefined, app: DesiredApp, now: number): NextStart {
  const exit = history?.lastExit ?? null;
  if (history === undefined || exit === null) return { kind: 'now', reason: 'NotRunning' };
  if (history.lastRestartGeneration !== restartGenerationOf(app, history.slot)) {
    return { kind: 'now', reason: app.lastRestart?.reason ?? 'RestartRequested' };
  }
  if (startsAfresh(history, app) || exit.requested) return { kind: 'now', reason: 'NotRunning' };
  return stayDown(history, exit, app.spec) ?? delayedStart(history, exit, { spec: app.spec, now });
}

function stayDown(history: SlotHistory, exit: InstanceExit, spec: AppSpec): NextStart | null {
  if (exit.error === null && exit.code !== null && spec.stop_exit_codes.includes(exit.code)) {
    return { kind: 'never', outcome: 'Completed', reason: 'StopExitCode', message: describeExit(exit) };
  }
  if (!spec.autorestart) {
    const done = exit.error === null && exit.code === 0;
    return {
      kind: 'never',
      outcome: done ? 'Completed' : 'Failed',
      reason: done ? 'Completed' : exitReason(exit),
      message: `${describeExit(exit)}, autorestart is off`,
    };
  }
  if (!isUnstable(exit, spec) || !exceedsMaxRestarts(history.unstableExits.length, spec)) return null;
  return {
    kind: 'never',
    outcome: 'Failed',
    reason: 'MaxRestartsExceeded',
    message: `${describeExit(exit)}, max_restarts is ${spec.max_restarts ?? 'not set'}`,
  };
}

function delayedStart(
  history: SlotHistory,
  exit: InstanceExit,
  { spec, now }: { readonly spec: AppSpec; readonly now: number },
): NextStart {
  const until = exit.at + restartDelayMs(history, exit, spec);
  if (until <= now || exit.at > now + CLOCK_SET_BACK_MS) return { kind: 'now', reason: exitReason(exit) };
  const time = new Date(Math.min(until, LAST_DATE_MS)).toISOString();
  if (exit.error !== null) {
    const message = `${describeExit(exit)}; next try at ${time}`;
    return { kind: 'later', until, reason: 'StartFailed', message };
  }
  if (!hasExpBackoff(spec) && spec.restart_delay !== null) {
    return { kind: 'later', until, reason: 'RestartDelay', message: `restart_delay until ${time}` };
  }
  const message = `back-off until ${time}, attempt ${history.attempt}`;
  return { kind: 'later', until, reason: 'BackOff', message };
}

/**
 * Milliseconds between an exit and the start that follows it.
 *
 * `exp_backoff_restart_delay: 100` gives 100, 100, 150, 225, 337 ... 15 000 for attempts 0, 1, 2, 3, 4 (PM2's row; it
 * wins over restart_delay, as there). `restart_delay` is taken as it is. Without either: nothing for attempt 0, then
 * full jitter, anything below 100, 200, 400 ... 30 000 ms, so that what fell together does not rise together.
 */
export function restartDelayMs(
  history: Pick<SlotHistory, 'attempt' | 'jitter'>,
  exit: Pick<InstanceExit, 'error'>,
  spec: Pick<AppSpec, 'restart_delay' | 'exp_backoff_restart_delay'>,
): number {
  if (exit.error !== null) return START_FAILED_DELAY_MS;
  const { attempt, jitter } = history;
  if (hasExpBackoff(spec)) {
    const delay = spec.exp_backoff_restart_delay * EXP_BACKOFF_FACTOR ** Math.max(0, attempt - 1);
    return Math.floor(Math.min(EXP_BACKOFF_CAP_MS, delay));
  }
  if (spec.restart_delay !== null) return spec.restart_delay;
  if (attempt === 0) return 0;
  return Math.round(jitter * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1)));
}

/** 0 is PM2's way to say that it is off. */
function hasExpBackoff<S extends Pick<AppSpec, 'exp_backoff_restart_delay'>>(
  spec: S,
): spec is S & { readonly exp_backoff_restart_delay: number } {
  return spec.exp_backoff_restart_delay !== null && spec.exp_backoff_restart_delay > 0;
}

export function exitReason(exit: InstanceExit): Reason {
  if (exit.error !== null) return 'StartFailed';
  return exit.signal === null ? 'Exited' : 'Killed';
}

/** `exited with code 1`, `ended by SIGKILL`, `cannot be started: spawn ENOENT`, and what else there is to say of it. */
export function describeExit(exit: InstanceExit): string {
  const how = howItEnded(exit);
  return exit.note === undefined ? how : `${how}: ${exit.note}`;
}

function howItEnded(exit: InstanceExit): string {
  if (exit.error !== null) return `cannot be started: ${exit.error}`;
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === null ? 'ended, exit code unknown' : `exited with code ${exit.code}`;
}
