import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunnerProblem } from '../protocol/reports.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';

export interface LogProblemsOptions {
  readonly changed: () => void;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

/** What does not hold of a log file, by code; says so once, when it begins, changes or ends. */
export class LogProblems {
  readonly #options: LogProblemsOptions;
  readonly #messages = new Map<string, string>();

  constructor(options: LogProblemsOptions) {
    this.#options = options;
  }

  list(): readonly RunnerProblem[] {
    return [...this.#messages].map(([code, message]) => ({ code, message }));
  }

  /** Null: it holds again. */
  set(code: string, message: string | null): void {
    const before = this.#messages.get(code) ?? null;
    if (before === message) return;
    if (message === null) this.#messages.delete(code);
    else this.#messages.set(code, message);
    this.#options.log(message ?? `mended: ${before}`);
    this.#options.changed();
  }
}

/** The way out, by the code of the system's error. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no room left: make some',
  EDQUOT: 'the disk quota is used up: make room',
  EMFILE: 'the runner has too many files open: raise its limit (LimitNOFILE= of the unit, or ulimit -n)',
  ENFILE: 'the host has too many files open: raise fs.file-max',
  EIO: 'the disk fails',
  EACCES: 'the daemon may not write there: change the permissions, or name another place',
  EPERM: 'the daemon may not write there: change the permissions, or name another place',
  EROFS: 'the file system is read-only: name another place',
  EISDIR: 'it is a folder: name a file in it',
  ENOENT: 'its folder cannot be made: name another place',
  ELOOP: 'it is a link that leads to itself: name another place',
  ENAMETOOLONG: 'its name is too long: name another place',
  ENXIO: 'nobody reads from it: start its reader, or name a file',
  ECONNREFUSED: 'nobody listens on it: start who is to, or name a file',
  EPROTOTYPE: 'it is a socket that takes no lines: name a file',
  EPIPE: 'nobody reads from it any more: start its reader, or name a file',
};

/** The first part of a path that is there and is no folder; null: all are, or are not there. */
function firstNoFolder(folder: string): string | null {
  const above = dirname(folder) === folder ? null : firstNoFolder(dirname(folder));
  if (above !== null) return above;
  try {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return null;
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? null : folder;
  } catch {
    // A link that leads to itself, or a folder that is closed to us: the error itself says more.
    return null;
  }
}

/** `cannot write /var/log/web.log: there is no room left: make some (ENOSPC)`. */
export function describeLogFailure(path: string, error: unknown): string {
  const code = errorCode(error);
  const way = code === undefined ? undefined : WAYS_OUT[code];
  const part = code === 'ENOTDIR' || code === 'EEXIST' ? firstNoFolder(dirname(path)) : null;
  if (part !== null)
    return `cannot write ${path}: ${part} is not a folder: remove it, or name another place (${code})`;
  const what = way === undefined ? errorMessage(error) : `${way} (${code})`;
  return `cannot write ${path}: ${what}`;
}
