import { readFileSync, statSync } from 'node:fs';
import type { ProcessEntry, ProcessIdentity, Processes } from '../processes/processes.ts';
import type { BackgroundSettings } from '../protocol/orders.ts';

/** A process that a program has left in the background and that is the instance from then on. */
export interface BackgroundProcess {
  readonly identity: ProcessIdentity;
  /** Its process group. */
  readonly group: number;
  /** It has cleared its environment: that its pid file names it is what proves it ours. */
  readonly byFile: boolean;
}

export interface BackgroundSearch {
  readonly settings: BackgroundSettings;
  /** What carries the nonce, or is in the group of the main process. */
  readonly proven: readonly ProcessEntry[];
  /** The process that was started, which has ended. */
  readonly main: Pick<ProcessIdentity, 'startTime'>;
  /** Epoch milliseconds at which it was. */
  readonly startedAt: number;
}

/** File systems keep times more coarsely than clocks. */
const FILE_TIME_GRAIN_MS = 1_000;

/** The process that is the instance now; null: it is not there, or not yet. */
export function findBackground(search: BackgroundSearch, processes: Processes): BackgroundProcess | null {
  const { settings, proven } = search;
  if (settings.pidFile === null) {
    const [first] = rootsOf(proven, processes);
    return first === undefined ? null : backgroundOf(first.pid, first, processes, false);
  }
  const pid = pidIn(settings.pidFile);
  if (pid === null) return null;
  const entry = proven.find((one) => one.pid === pid);
  if (entry !== undefined) return backgroundOf(pid, entry, processes, false);
  return isNamedByFreshFile(pid, settings.pidFile, search, processes)
    ? backgroundOf(pid, null, processes, true)
    : null;
}

/** The process that it has named itself (MAINPID=); null: it is not there, or is not its own. */
export function findNamed(
  pid: number,
  { proven }: Pick<BackgroundSearch, 'proven'>,
  processes: Processes,
): BackgroundProcess | null {
  const entry = proven.find((one) => one.pid === pid);
  return entry === undefined ? null : backgroundOf(pid, entry, processes, false);
}

/** Those that no other of them has started, the oldest first. */
function rootsOf(entries: readonly ProcessEntry[], processes: Processes): readonly ProcessEntry[] {
  const pids = new Set(entries.map(({ pid }) => pid));
  return entries
    .filter(({ pid }) => !pids.has(processes.stat(pid)?.parent ?? 0))
    .sort((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid);
}

function backgroundOf(
  pid: number,
  entry: ProcessEntry | null,
  processes: Processes,
  byFile: boolean,
): BackgroundProcess | null {
  const stat = processes.stat(pid);
  if (stat === null || stat.zombie || (entry !== null && entry.startTime !== stat.startTime)) return null;
  const { startTime, group } = stat;
  return { identity: { pid, startTime, bootId: processes.bootId }, group, byFile };
}

function pidIn(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'latin1').trim().split(/\s/)[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Programs that write their title over their environment (nginx, PostgreSQL) carry no nonce any more. Theirs is a
 * process that began after the instance did, and that a file names which was written after that too.
 */
function isNamedByFreshFile(
  pid: number,
  file: string,
  { main, startedAt }: BackgroundSearch,
  processes: Processes,
): boolean {
  if (processes.nonce(pid).kind !== 'none') return false;
  const stat = processes.stat(pid);
  if (stat === null || !(Number(stat.startTime) >= Number(main.startTime))) return false;
  try {
    return statSync(file).mtimeMs >= startedAt - FILE_TIME_GRAIN_MS;
  } catch {
    return false;
  }
}
