import { readdir } from 'node:fs/promises';
import { environmentAsFarAsSeen } from '../../lib/procfs/environment.ts';
import { loopTurns } from '../../lib/turns/turns.ts';

/** What has not ended by then waits for the kernel. */
const LIMIT_MS = 5_000;
const LOOK_MS = 2;

/**
 * Ends every process that has `mark` (`NAME=value`) in its environment, wherever it has gone: groups and sessions are
 * left, the environment is inherited. Gives how many there were. Where there is no /proc, groups are all that is known.
 *
 * It looks until none is left: a process can have a child while it is ended, takes a moment to end, and does not show whose
 * it is in the middle of an execve(2).
 */
export async function endMarked(mark: string): Promise<number> {
  const ended = new Set<number>();
  const endBy = performance.now() + LIMIT_MS;
  for (;;) {
    const { pids, areInExec } = await marked(mark);
    for (const pid of pids) {
      ended.add(pid);
      endProcess(pid);
    }
    if ((pids.length === 0 && !areInExec) || performance.now() >= endBy) return ended.size;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Marked {
  readonly pids: readonly number[];
  /** Of some nobody can say yet. */
  readonly areInExec: boolean;
}

async function marked(mark: string): Promise<Marked> {
  const names = await readdir('/proc').catch(() => []);
  // As the bytes of it read as latin1.
  const wanted = `${Buffer.from(mark).toString('latin1')}\0`;
  const pids: number[] = [];
  let areInExec = false;
  for (const pid of names.filter((name) => /^\d+$/.test(name)).map(Number)) {
    if (pid === process.pid) continue;
    if (loopTurns.isOver) await loopTurns.next();
    const environment = environmentAsFarAsSeen(pid);
    if (environment === null) areInExec = true;
    // The whole variable, and not the end of another one's value.
    else if (environment.startsWith(wanted) || environment.includes(`\0${wanted}`)) pids.push(pid);
  }
  return { pids, areInExec };
}

/** Ends one process at once, if it is there. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
