import type { AppSpec } from '../../spec/types.ts';
import { exitReason, isFromOutside } from './exits.ts';
import type { CodeIdentity } from '../model/code.ts';
import type { Unfit } from '../model/desired.ts';
import type { InstanceExit, SlotHistory } from '../model/observed.ts';

/** After this long an instance is healthy, and exits before it no longer count towards the back-off. */
export const HEALTHY_AFTER_MS = 10_000;
/** Unstable exits older than this do not count towards `max_restarts`. */
export const UNSTABLE_WINDOW_MS = 60 * 60_000;
/** Unstable exits kept at most; a larger `max_restarts` means this many. */
export const MAX_UNSTABLE_EXITS = 1_000;
/** Exits that can still be on the runner's table beside the last one; their nonces are kept so that none counts twice. */
const MAX_RECENT_NONCES = 8;

/** For each slot of a scheduled job, how many outcomes of runs are kept. */
export const KEPT_RUNS = 5;

export interface ExitInfo {
  readonly slot: number;
  readonly nonce: string;
  /** Of the process that ended. */
  readonly templateHash: string;
  readonly restartGeneration: number;
  readonly generation: number;
  /** Set when it was ended because it was found unfit. */
  readonly unfit?: Unfit | undefined;
  /** As in DesiredApp. */
  readonly begunAfresh?: number | undefined;
  /** It has been ready at some time. */
  readonly wasReady?: true | undefined;
  /** What it was started from; absent: not known. */
  readonly code?: CodeIdentity | undefined;
  /** Drawn by the caller: 0 <= jitter < 1. */
  readonly jitter: number;
  /** An exit that no start follows is not counted as a restart. */
  readonly spec: Pick<AppSpec, 'min_uptime' | 'autorestart' | 'stop_exit_codes' | 'max_restarts'> &
    Partial<Pick<AppSpec, 'schedule'>>;
}

/** Whether the exit of this process has been taken into the history. */
export function isOnRecord(history: SlotHistory | undefined, nonce: string): boolean {
  if (history === undefined) return false;
  return history.lastNonce === nonce || (history.recentNonces?.includes(nonce) ?? false);
}

/** An exit before `min_uptime`, or a process that could not be started at all, unless the host is short of something. */
export function isUnstable(exit: InstanceExit, spec: Pick<AppSpec, 'min_uptime'>): boolean {
  if (exit.shortage === true) return false;
  return exit.error !== null || exit.upMs < spec.min_uptime;
}

/**
 * Takes one exit into the history of its slot. Taking the same process twice changes nothing.
 *
 * - An exit that somebody asked for counts neither as an attempt nor as unstable. The exit of an unfit process counts as
 *   if it had ended by itself when it was found unfit, and the next process continues its row.
 * - After HEALTHY_AFTER_MS up, `attempt` is 0 (the next start comes at once), else it is one more than before.
 * - A process with another template or restart counter than the one before begins a new row. So does one of a generation
 *   in which the app was begun afresh: an operator or an apply has acted since.
 * - The row is about the newest process that ended. In a rollout the one before it may end later. That exit is noted and
 *   changes nothing else, so it can never hide a crash of the new one.
 */
export function recordExit(
  history: SlotHistory | undefined,
  ended: InstanceExit,
  info: ExitInfo,
): SlotHistory {
  if (history !== undefined && isOnRecord(history, info.nonce)) return history;
  const exit = info.unfit === undefined ? ended : { ...ended, unfit: info.unfit.reason };
  if (history !== undefined && isOfEarlierProcess(history, exit, info)) return noteExit(history, exit, info);
  const row = history !== undefined && isSameRow(history, info) ? history : undefined;
  const served = { ...exit, upMs: servedMs(exit, info.unfit) };
  const unstable = [
    ...(row?.unstableExits ?? []),
    ...(!isFromOutside(exit) && isUnstable(served, info.spec) ? [exit.at] : []),
  ];
  const recent = unstable.filter((at) => at > exit.at - UNSTABLE_WINDOW_MS).slice(-MAX_UNSTABLE_EXITS);
  return {
    slot: info.slot,
    ...restartsAfter(history, exit, isFollowedByStart(served, recent.length, info.spec)),
    attempt: nextAttempt(row?.attempt ?? 0, served),
    jitter: info.jitter,
    unstableExits: recent,
    lastExit: exit,
    lastNonce: info.nonce,
    lastTemplateHash: info.templateHash,
    // What follows one that was found unfit is not a new beginning.
    lastRestartGeneration: info.unfit?.restartGeneration ?? info.restartGeneration,
    lastGeneration: info.generation,
    ...(info.wasReady === true && { lastReady: true as const }),
    ...(info.code !== undefined && { lastCode: info.code }),
    ...recentExits(history, exit, info),
    recentNonces: recentNonces(history),
  };
}

/** Milliseconds up; of one that was found unfit those until then, since it may have been left to serve for longer. */
function servedMs({ at, upMs }: InstanceExit, unfit: Unfit | undefined): number {
  return unfit === undefined ? upMs : Math.max(0, upMs - Math.max(0, at - unfit.at));
}

/**
 * A process has a later generation than the one that it replaces, and began after it. (One of the two would be enough,
 * were it not for restored state and for clocks that are set.)
 */
function isOfEarlierProcess(
  { lastExit, lastGeneration }: SlotHistory,
  exit: InstanceExit,
  { generation }: ExitInfo,
): boolean {
  if (lastExit === null || lastGeneration === undefined || generation >= lastGeneration) return false;
  return exit.at - exit.upMs <= lastExit.at - lastExit.upMs;
}

function noteExit(history: SlotHistory, exit: InstanceExit, info: ExitInfo): SlotHistory {
  const noted = [info.nonce, ...(history.recentNonces ?? [])].slice(0, MAX_RECENT_NONCES);
  // Its successor was there already: that does not make it less of a restart.
  const restarts = restartsAfter(history, exit, exit.unfit !== undefined);
  return { ...history, ...restarts, ...recentExits(history, exit, info), recentNonces: noted };
}

/** The history with no restarts counted. Nothing else changes: a back-off goes on, and what has failed stays so. */
export function withoutRestarts({
  restartsByReason: _,
  lastRestartAt: __,
  ...history
}: SlotHistory): SlotHistory {
  return { ...history, restarts: 0 };
}

/** The restarts of a slot after an exit, which is one more or is none. */
function restartsAfter(
  history: SlotHistory | undefined,
  exit: InstanceExit,
  isRestart: boolean,
): Pick<SlotHistory, 'restarts' | 'restartsByReason' | 'lastRestartAt'> {
  const { restarts = 0, restartsByReason, lastRestartAt } = history ?? {};
  if (!isRestart) {
    return {
      restarts,
      ...(restartsByReason !== undefined && { restartsByReason }),
      ...(lastRestartAt !== undefined && { lastRestartAt }),
    };
  }
  const reason = exitReason(exit);
  return {
    restarts: restarts + 1,
    restartsByReason: { ...restartsByReason, [reason]: (restartsByReason?.[reason] ?? 0) + 1 },
    lastRestartAt: exit.at,
  };
}

function recentExits(
  history: SlotHistory | undefined,
  exit: InstanceExit,
  { spec }: ExitInfo,
): Pick<SlotHistory, 'recentExits'> {
  if (typeof spec.schedule !== 'string') return {};
  return { recentExits: [exit, ...(history?.recentExits ?? [])].slice(0, KEPT_RUNS) };
}

function isSameRow(history: SlotHistory, info: ExitInfo): boolean {
  const isAfresh = (history.lastGeneration ?? 0) < (info.begunAfresh ?? 0);
  return (
    !isAfresh &&
    history.lastTemplateHash === info.templateHash &&
    history.lastRestartGeneration === info.restartGeneration
  );
}

function nextAttempt(attempt: number, exit: InstanceExit): number {
  if (exit.error === null && exit.upMs >= HEALTHY_AFTER_MS) return 0;
  return isFromOutside(exit) ? attempt : attempt + 1;
}

function isFollowedByStart(exit: InstanceExit, unstableExits: number, spec: ExitInfo['spec']): boolean {
  if (isFromOutside(exit)) return false;
  if (exit.unfit === undefined && staysDown(exit, spec)) return false;
  return !isUnstable(exit, spec) || !exceedsMaxRestarts(unstableExits, spec);
}

/** Whether no start follows the exit of a process, whatever its history. */
function staysDown(exit: InstanceExit, spec: ExitInfo['spec']): boolean {
  return !spec.autorestart || (exit.code !== null && spec.stop_exit_codes.includes(exit.code));
}

/** Whether an app with so many unstable exits in the window is given up; never when `max_restarts` is not set. */
export function exceedsMaxRestarts(unstableExits: number, spec: Pick<AppSpec, 'max_restarts'>): boolean {
  if (spec.max_restarts === null) return false;
  return unstableExits > Math.min(spec.max_restarts, MAX_UNSTABLE_EXITS - 1);
}

function recentNonces(history: SlotHistory | undefined): readonly string[] {
  if (history === undefined || history.lastNonce === null) return [];
  return [history.lastNonce, ...(history.recentNonces ?? [])].slice(0, MAX_RECENT_NONCES);
}
