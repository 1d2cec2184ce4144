import { errorCode, errorMessage } from '../../lib/system-error.ts';

/** The way out, by the code of the system's error. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no room left: make some',
  EDQUOT: 'the disk quota is used up: make room',
  EROFS: 'the file system is read-only: mount it for writing',
  EACCES: 'the daemon may not write there: give the folder back to its user',
  EPERM: 'the daemon may not write there: give the folder back to its user',
  EIO: 'the disk fails',
  EISDIR: 'it is a folder: remove it',
  ENOTDIR: 'a part of its path is not a folder: remove that',
  ENOENT: 'its folder is gone',
  EMFILE:
    'the runner has too many files open: raise its limit (LimitNOFILE= of the unit, or ulimit -n) and start it again',
  ENFILE: 'the host has too many files open: raise fs.file-max',
};

/** What people are told of a ledger that cannot be written, and what follows from it. */
export function describeLedgerFailure(path: string, error: unknown): string {
  const code = errorCode(error);
  const way = code === undefined ? undefined : WAYS_OUT[code];
  const what = way === undefined ? errorMessage(error) : `${way} (${code})`;
  return `cannot write ${path}: ${what}; until then another runner would know what runs by its marks alone`;
}
