import { readdir, readFile } from 'node:fs/promises';

/** How often it is looked again: a process can have a child while it is ended. */
const ROUNDS = 5;

/**
 * Ends every process that has `mark` (`NAME=value`) in its environment, wherever it has gone: groups and sessions are
 * left, the environment is inherited. Gives how many there were. Where there is no /proc, groups are all that is known.
 */
export async function endMarked(mark: string): Promise<number> {
  const ended = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const pids = await marked(mark);
    if (pids.length === 0) break;
    for (const pid of pids) {
      ended.add(pid);
      endProcess(pid);
    }
    // The system takes a moment to carry it out.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return ended.size;
}

async function marked(mark: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const wanted = Buffer.from(`${mark}\0`);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`).catch(() => null);
        return environment !== null && holds(environment, wanted) ? Number(name) : null;
      }),
  );
  return found.filter((pid) => pid !== null);
}

/** The whole variable, and not the end of another one's value. */
function holds(environment: Buffer, wanted: Buffer): boolean {
  for (let at = environment.indexOf(wanted); at !== -1; at = environment.indexOf(wanted, at + 1)) {
    if (at === 0 || environment[at - 1] === 0) return true;
  }
  return false;
}

/** Ends one process at once, if it is there. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
