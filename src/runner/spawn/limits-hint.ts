import { errorMessage } from '../../lib/system-error.ts';
import type { RunnerExit } from '../protocol/reports.ts';

/** What the host or a limit does not allow at the moment, and what to raise, by the code of the system's error. */
const HINTS: Readonly<Record<string, string>> = {
  EMFILE:
    'the runner has too many files open: raise its limit (LimitNOFILE= of the unit, or ulimit -n before "stateward daemon start")',
  ENFILE: 'the host has too many files open: raise fs.file-max (sysctl)',
  EAGAIN:
    'no more processes are allowed: raise TasksMax= of the unit, ulimit -u of the user, or pids.max of the cgroup',
  ENOMEM: 'not enough memory: make some, or raise MemoryMax= of the unit',
  ENOSPC: 'there is no room left on the disk: make some (df -h, df -i)',
  EDQUOT: 'the disk quota is used up: make room',
  EROFS: 'the file system is read-only: mount it for writing',
};

/** A start that failed for want of what the host may have again in a moment, and not because of the app. */
class ShortageError extends Error {
  override readonly name = 'ShortageError';
}

/** An error of a start that failed with `code`. */
export function startError(code: string | undefined, message: string, cause?: unknown): Error {
  const options = cause === undefined ? undefined : { cause };
  return limitsHint(code) === null ? new Error(message, options) : new ShortageError(message, options);
}

/** What an exit says of why it was not even a start; `cause` null: no failure, it was not wanted any more. */
export function failureOfStart(cause: unknown): Pick<RunnerExit, 'error' | 'shortage'> {
  if (cause === null) return { error: null };
  return { error: errorMessage(cause), ...(cause instanceof ShortageError && { shortage: true }) };
}

/** Null: the error is about something else. */
export function limitsHint(code: string | undefined): string | null {
  return code === undefined ? null : (HINTS[code] ?? null);
}
