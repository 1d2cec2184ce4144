import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Failure } from '../lib/failure.ts';

/** The pid that a lock of the home names: of the process that holds it, or held it last. Null: none is named. */
export function namedHolder(lockPath: string): number | null {
  return pidIn(lockPath) ?? pidIn(newestLockFile(lockPath));
}

/** Without flock(1), files with numbers stand for the lock, and the highest holds. */
function newestLockFile(lockPath: string): string {
  const prefix = `${basename(lockPath)}.`;
  const numbers = namesIn(dirname(lockPath))
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter(Number.isInteger);
  return `${lockPath}.${Math.max(0, ...numbers)}`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function pidIn(path: string): number | null {
  try {
    const pid = Number(/^(?:\{"pid":)?(\d+)/.exec(readFileSync(path, 'utf8'))?.[1]);
    return Number.isNaN(pid) ? null : pid;
  } catch {
    return null;
  }
}

/** Why a process that is there does not answer, as far as the kernel tells; null: it does not. */
export function whyHeldUp(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return STATES[stat.charAt(stat.lastIndexOf(')') + 2)] ?? null;
  } catch {
    return null;
  }
}

const STATES: Readonly<Record<string, string>> = {
  T: 'it is stopped',
  t: 'a debugger holds it',
  D: 'it waits for a disk or another device',
  R: 'it is busy',
};

/** Names a process that does not answer: `the runner (pid 4242) has not answered since 2026-…Z: it is stopped`. */
function silence(who: string, pid: number | null, since: number | null): string {
  const why = pid === null ? null : whyHeldUp(pid);
  const how = since === null ? 'does not answer' : `has not answered since ${new Date(since).toISOString()}`;
  return `the ${who}${pid === null ? '' : ` (pid ${pid})`} ${how}${why === null ? '' : `: ${why}`}`;
}

/** What to do about a runner that does not answer. Nothing ends it by itself: exit codes would be lost with it. */
export function wayOutOfSilentRunner(pid: number | null): string {
  const process = pid ?? 'PID';
  return `kill -CONT ${process} wakes one that was stopped; one that stays silent is ended with kill -KILL ${process}: the next runner takes the apps over as they run, and only their exit codes are lost`;
}

/** The failure of whatever needs a runner that does not answer. `since`: epoch milliseconds; null: not known. */
export function silentRunner(pid: number | null, since: number | null = null): Failure {
  return {
    code: 'RUNNER_SILENT',
    message: silence('runner', pid, since),
    hint: wayOutOfSilentRunner(pid),
  };
}

/** The failure of a command that the daemon has not answered in time. `asked`: for something that is not done now. */
export function silentDaemon(pid: number | null, asked = true): Failure {
  const process = pid ?? 'PID';
  return {
    code: 'DAEMON_SILENT',
    message: `${silence('daemon', pid, null)}${asked ? '; nothing was changed, and what was asked for is not done later' : ''}`,
    hint: `kill -CONT ${process} wakes one that was stopped; kill -KILL ${process} ends it, and the runner starts another at once (by itself it does so after 30 s): apps keep running`,
  };
}
