import { readFileSync } from 'node:fs';
import type { Clock } from '../lib/clocks/clock.ts';

const POLL_MS = 20;
/** Between the last answer of a daemon and the end of its processes, while somebody waits. */
const END_LIMIT_MS = 2_000;

/**
 * Waits for the end of processes, for `limitMs` at most; whether all have ended. What follows, another start or the removal
 * of the home, is not to meet one that is about to end.
 */
export async function untilEnded(
  pids: readonly (number | undefined)[],
  clock: Clock,
  limitMs = END_LIMIT_MS,
): Promise<boolean> {
  const deadline = clock.monotonic() + limitMs;
  while (pids.some(isAlive)) {
    if (clock.monotonic() >= deadline) return false;
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
  return true;
}

/** Of /proc/pid/stat behind the command: the state, and how many threads there are. */
const STATE = 0;
const THREADS = 17;

/** A zombie has ended when its last thread has; nobody may ever ask about it (pid 1 of a container need not care). */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[STATE] !== 'Z' || Number(fields[THREADS]) > 1;
  } catch {
    return false;
  }
}
