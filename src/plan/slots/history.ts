import type { AppSpec } from '../../spec/types.ts';
import type { InstanceExit, SlotHistory } from '../model/types.ts';

/** Up this long, an instance is healthy: the exits before it do not count towards the back-off any more. */
export const HEALTHY_AFTER_MS = 10_000;
/** Unstable exits older than this do not count towards `max_restarts`. */
export const UNSTABLE_WINDOW_MS = 60 * 60_000;
/** Unstable exits kept at most; a larger `max_restarts` means this many. */
export const MAX_UNSTABLE_EXITS = 1_000;
/** Exits that can still be on the runner's table beside the last one: their nonces are kept, so none counts twice. */
const MAX_RECENT_NONCES = 8;

/** Runs of a scheduled job whose outcome is kept, for each slot. */
export const KEPT_RUNS = 5;

export interface ExitInfo {
  readonly slot: number;
  readonly nonce: string;
  /** Of the process that ended. */
  readonly templateHash: string;
  readonly restartGeneration: number;
  readonly generation: number;
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

/** An exit before `min_uptime`, or a process that could not be started at all. */
export function isUnstable(exit: InstanceExit, spec: Pick<AppSpec, 'min_uptime'>): boolean {
  return exit.error !== null || exit.upMs < spec.min_uptime;
}

/**
 * Takes one exit into the history of its slot. Taking the same process twice changes nothing.
 *
 * - An exit that stateward asked for counts neither as an attempt nor as unstable.
 * - After HEALTHY_AFTER_MS of health `attempt` is 0 (the next start comes at once), else it is one more than before.
 * - A process of another template or restart counter than the one before begins a new row: an operator or an apply has
 *   acted since.
 * - The row is about the newest process that ended. In a rollout the one before it may end later: its exit is noted and
 *   changes nothing else, so that it can never hide that the new one crashed.
 */
export function recordExit(
  history: SlotHistory | undefined,
  exit: InstanceExit,
  info: ExitInfo,
): SlotHistory {
  if (history !== undefined && isOnRecord(history, info.nonce)) return history;
  if (history !== undefined && isOfEarlierProcess(history, exit, info)) return noteExit(history, exit, info);
  const row = history !== undefined && isSameRow(history, info) ? history : undefined;
  const unstable = [
    ...(row?.unstableExits ?? []),
    ...(!exit.requested && isUnstable(exit, info.spec) ? [exit.at] : []),
  ];
  const recent = unstable.filter((at) => at > exit.at - UNSTABLE_WINDOW_MS).slice(-MAX_UNSTABLE_EXITS);
  return {
    slot: info.slot,
    restarts: (history?.restarts ?? 0) + (isFollowedByStart(exit, recent.length, info.spec) ? 1 : 0),
    attempt: nextAttempt(row?.attempt ?? 0, exit),
    jitter: info.jitter,
    unstableExits: recent,
    lastExit: exit,
    lastNonce: info.nonce,
    lastTemplateHash: info.templateHash,
    lastRestartGeneration: info.restartGeneration,
    lastGeneration: info.generation,
    ...recentExits(history, exit, info),
    recentNonces: recentNonces(history),
  };
}

/**
 * A process is of a later generation than one that it replaces, and began after it. (Either alone would do, but for a
 * state that was restored from before, and for a clock that was set.)
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
  return { ...history, ...recentExits(history, exit, info), recentNonces: noted };
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
  return (
    history.lastTemplateHash === info.templateHash && history.lastRestartGeneration === info.restartGeneration
  );
}

function nextAttempt(attempt: number, exit: InstanceExit): number {
  if (exit.error === null && exit.upMs >= HEALTHY_AFTER_MS) return 0;
  return exit.requested ? attempt : attempt + 1;
}

function isFollowedByStart(exit: InstanceExit, unstableExits: number, spec: ExitInfo['spec']): boolean {
  if (exit.requested || !spec.autorestart) return false;
  if (exit.code !== null && spec.stop_exit_codes.includes(exit.code)) return false;
  return !isUnstable(exit, spec) || !exceedsMaxRestarts(unstableExits, spec);
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
