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

/** Null: the error is about something else. */
export function limitsHint(code: string | undefined): string | null {
  return code === undefined ? null : (HINTS[code] ?? null);
}
