import { formatSpan } from '../../lib/units.ts';
import type { AppSpec } from '../../spec/types.ts';
import { restartGenerationOf } from './effective.ts';
import { exceedsMaxRestarts, HEALTHY_AFTER_MS, isUnstable } from './history.ts';
import { REASONS, type Reason } from '../model/reasons.ts';
import type { DesiredApp, Unfit } from '../model/desired.ts';
import type { InstanceExit, ObservedInstance, SlotHistory } from '../model/observed.ts';
import { exitReason, howItWasKilled, isSuccess, wasAskedFor } from './exits.ts';

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
/** A program that is missing will hardly be there a second later: try again, slowly. */
const START_FAILED_DELAY_MS = 30_000;
/** What the host is short of now it may have in a moment: doubled from try to try up to the delay above. */
const SHORTAGE_DELAY_MS = 1_000;
/** An exit further in the future than this was dated by a clock that has been set back since. */
const CLOCK_SET_BACK_MS = 5_000;

/** Whether an operator or an apply acted since the process in the history ended: nothing waits then. */
export function startsAfresh(history: SlotHistory | undefined, app: DesiredApp): boolean {
  if (history === undefined || history.lastExit === null) return true;
  return (
    history.lastTemplateHash !== app.templateHash ||
    history.lastRestartGeneration !== restartGenerationOf(app, history.slot) ||
    isTriedAgain(history, history.lastExit, app)
  );
}

/**
 * A person has asked for it again, or the same version that failed is rolled out again: it may have been mended in
 * place. A good end stays one.
 */
function isTriedAgain(
  { lastGeneration = 0 }: SlotHistory,
  exit: InstanceExit,
  { rollout, spec, begunAfresh = 0 }: DesiredApp,
): boolean {
  if (isGoodEnd(exit, spec)) return false;
  return lastGeneration < begunAfresh || (rollout !== undefined && exit.at < rollout.startedAt);
}

/** Ended like a job that has done its work and is not to run again. */
function isGoodEnd(exit: InstanceExit, spec: AppSpec): boolean {
  return isSuccess(exit, spec) && (!spec.autorestart || isStopExit(exit, spec));
}

function isStopExit({ error, code, unfit }: InstanceExit, { stop_exit_codes: codes }: AppSpec): boolean {
  return error === null && unfit === undefined && code !== null && codes.includes(code);
}

/**
 * What follows the last exit of a slot, in this order:
 *
 * 1. nothing on record, a new template or restart counter, an exit that somebody asked for, or one that came with the end
 *    of the host: start now;
 * 2. the process could not be started: with autorestart again every 30 s, without it never again (where the host is short of
 *    something, as of processes or memory: after 1, 2, 4 ... 30 s, and never counted as unstable);
 * 3. one of `stop_exit_codes`, or any without autorestart: completed with one of `success_exit_codes`, else failed;
 * 4. found unfit: as in 5 and 6, whatever autorestart says, since that is about ends of its own;
 * 5. unstable, and more than `max_restarts` unstable exits in the window: failed (so 0 allows none);
 * 6. else a start after the delay (see `restartDelayMs`).
 */
export function afterExit(history: SlotHistory | undefined, app: DesiredApp, now: number): NextStart {
  const exit = history?.lastExit ?? null;
  if (history === undefined || exit === null) return { kind: 'now', reason: 'NotRunning' };
  if (history.lastRestartGeneration !== restartGenerationOf(app, history.slot)) {
    return { kind: 'now', reason: app.lastRestart?.reason ?? 'RestartRequested' };
  }
  if (exit.hostRestarted === true) return { kind: 'now', reason: 'HostRestarted' };
  if (startsAfresh(history, app) || wasAskedFor(exit)) return { kind: 'now', reason: 'NotRunning' };
  return stayDown(history, exit, app.spec) ?? delayedStart(history, exit, { spec: app.spec, now });
}

function stayDown(history: SlotHistory, exit: InstanceExit, spec: AppSpec): NextStart | null {
  const isStop = isStopExit(exit, spec);
  if (isStop || (!spec.autorestart && exit.unfit === undefined)) {
    const done = isSuccess(exit, spec);
    return {
      kind: 'never',
      outcome: done ? 'Completed' : 'Failed',
      reason: isStop ? 'StopExitCode' : done ? 'Completed' : exitReason(exit),
      message: `${describeExit(exit)}, ${isStop ? 'one of its stop_exit_codes' : 'autorestart is off'}`,
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

/**
 * When the successor of an unfit process may start beside it: as if the process had ended by itself when it was found
 * unfit.
 */
export function afterUnfit(
  history: SlotHistory | undefined,
  current: ObservedInstance,
  { app, unfit, now }: { readonly app: DesiredApp; readonly unfit: Unfit; readonly now: number },
): NextStart {
  const { upMs, templateHash, restartGeneration } = current;
  const isRow =
    history?.lastTemplateHash === templateHash && history.lastRestartGeneration === restartGeneration;
  const wasHealthy = upMs - Math.max(0, now - unfit.at) >= HEALTHY_AFTER_MS;
  const attempt = wasHealthy ? 0 : (isRow ? history.attempt : 0) + 1;
  const until =
    unfit.at + restartDelayMs({ attempt, jitter: history?.jitter ?? 1 }, { error: null }, app.spec);
  if (until <= now || unfit.at > now + CLOCK_SET_BACK_MS) return { kind: 'now', reason: unfit.reason };
  return { kind: 'later', until, reason: 'BackOff', message: backOffText(until - unfit.at, attempt) };
}

/** `back-off of 0.4s, attempt 3`. */
function backOffText(ms: number, attempt: number): string {
  return `back-off of ${formatSpan(ms)}, attempt ${attempt}`;
}

function delayedStart(
  history: SlotHistory,
  exit: InstanceExit,
  { spec, now }: { readonly spec: AppSpec; readonly now: number },
): NextStart {
  const until = exit.at + restartDelayMs(history, exit, spec);
  if (until <= now || exit.at > now + CLOCK_SET_BACK_MS) return { kind: 'now', reason: exitReason(exit) };
  const delayMs = until - exit.at;
  if (exit.error !== null) {
    const again = exit.shortage === true ? `after ${formatSpan(delayMs)}` : `every ${formatSpan(delayMs)}`;
    const message = `${describeExit(exit)}; tried again ${again}`;
    return { kind: 'later', until, reason: 'StartFailed', message };
  }
  if (!hasExpBackoff(spec) && spec.restart_delay !== null) {
    return {
      kind: 'later',
      until,
      reason: 'RestartDelay',
      message: `restart_delay of ${formatSpan(delayMs)}`,
    };
  }
  const hint = wantsSchedule(exit, spec) ? `; ${WANTS_SCHEDULE}` : '';
  return { kind: 'later', until, reason: 'BackOff', message: backOffText(delayMs, history.attempt) + hint };
}

/** Whether the app looks like a job that cron_restart is meant to run (as in PM2), and that is restarted at each end. */
export function wantsSchedule(exit: InstanceExit, { cron_restart }: Pick<AppSpec, 'cron_restart'>): boolean {
  return cron_restart !== null && exit.code === 0 && !exit.requested;
}

export const WANTS_SCHEDULE = 'a script that ends by itself takes `schedule` in place of cron_restart';

/**
 * Milliseconds between an exit and the start that follows it.
 *
 * `exp_backoff_restart_delay: 100` gives 100, 100, 150, 225, 337 ... 15 000 for attempts 0, 1, 2, 3, 4 (PM2's series; as
 * there it wins over restart_delay). `restart_delay` is used as it is. Without either: no delay for attempt 0, then full
 * jitter, anything below 100, 200, 400 ... 30 000 ms, so that apps that crash together do not start together.
 */
export function restartDelayMs(
  history: Pick<SlotHistory, 'attempt' | 'jitter'>,
  exit: Pick<InstanceExit, 'error' | 'shortage'>,
  spec: Pick<AppSpec, 'restart_delay' | 'exp_backoff_restart_delay'>,
): number {
  const { attempt, jitter } = history;
  if (exit.shortage === true) return doubled(SHORTAGE_DELAY_MS, attempt, START_FAILED_DELAY_MS);
  if (exit.error !== null) return START_FAILED_DELAY_MS;
  if (hasExpBackoff(spec)) {
    const delay = spec.exp_backoff_restart_delay * EXP_BACKOFF_FACTOR ** Math.max(0, attempt - 1);
    return Math.floor(Math.min(EXP_BACKOFF_CAP_MS, delay));
  }
  if (spec.restart_delay !== null) return spec.restart_delay;
  if (attempt === 0) return 0;
  return Math.round(jitter * doubled(BACKOFF_BASE_MS, attempt, BACKOFF_CAP_MS));
}

/** `baseMs` at attempt 1, twice as much at each one after it. */
function doubled(baseMs: number, attempt: number, capMs: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
}

/** 0 is PM2's way to say that it is off. */
function hasExpBackoff<S extends Pick<AppSpec, 'exp_backoff_restart_delay'>>(
  spec: S,
): spec is S & { readonly exp_backoff_restart_delay: number } {
  return spec.exp_backoff_restart_delay !== null && spec.exp_backoff_restart_delay > 0;
}

/** `exited with code 1`, `ended by SIGKILL`, `cannot be started: spawn ENOENT`, with a note if there is one. */
export function describeExit(exit: InstanceExit): string {
  const how = howItEnded(exit);
  return exit.note === undefined ? how : `${how}: ${exit.note}`;
}

function howItEnded(exit: InstanceExit): string {
  if (exit.error !== null) return `cannot be started: ${exit.error}`;
  if (exit.hostRestarted === true) return 'ended when the host was started again';
  if (exit.unfit !== undefined) return `was ended: ${REASONS[exit.unfit]}`;
  const killed = howItWasKilled(exit);
  if (killed !== null) return killed;
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === null ? 'ended, exit code unknown' : `exited with code ${exit.code}`;
}
