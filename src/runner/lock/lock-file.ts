import { link, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Lock, LockOutcome } from './lock-outcome.ts';
import { isAlive, type ProcessIdentity, type Processes } from '../processes/processes.ts';
import { errorCode } from '../../lib/system-error.ts';

interface Holder extends ProcessIdentity {
  readonly released: boolean;
}

/**
 * A lock for hosts without flock(1): files `path.1`, `path.2`, ... of which the highest holds. A number is taken with
 * link(2), which exactly one process can win, and only above a holder that is proven dead or has released; numbers
 * never go back, so whoever decides late finds a higher one and gives way.
 */
export async function acquireLockFile(path: string, processes: Processes): Promise<LockOutcome> {
  const self = identityOf(process.pid, processes);
  for (;;) {
    const highest = (await numbersOf(path)).at(-1) ?? 0;
    if (highest > 0) {
      const holder = await readHolder(`${path}.${highest}`);
      if (holder === 'gone') continue;
      if (holder === null || (!holder.released && isAlive(processes, holder))) {
        return { held: false, by: holder?.pid ?? null };
      }
    }
    const mine = `${path}.${highest + 1}`;
    if (!(await createExclusively(mine, { ...self, released: false }))) continue;
    const numbers = await numbersOf(path);
    if (numbers.at(-1) !== highest + 1) {
      await unlink(mine);
      continue;
    }
    await removeBelow(path, numbers, highest + 1);
    return { held: true, lock: lockAt(mine, processes) };
  }
}

/** The lock that another process holds and is about to assign to this one. */
export async function inheritLockFile(path: string, processes: Processes): Promise<Lock> {
  return lockAt(`${path}.${(await numbersOf(path)).at(-1) ?? 1}`, processes);
}

function lockAt(mine: string, processes: Processes): Lock {
  return {
    fds: [],
    assign: (pid) => replace(mine, { ...identityOf(pid, processes), released: false }),
    release: () => replace(mine, { ...identityOf(process.pid, processes), released: true }),
    async keep() {
      if ((await readHolder(mine)) !== 'gone') return true;
      return createExclusively(mine, { ...identityOf(process.pid, processes), released: false });
    },
  };
}

/** Whether a process holds such a lock, or may: one that cannot be understood is nobody's to take. */
export async function isLockFileHeld(path: string, processes: Processes): Promise<boolean> {
  const highest = (await numbersOf(path).catch(() => [])).at(-1) ?? 0;
  if (highest === 0) return false;
  const holder = await readHolder(`${path}.${highest}`);
  if (holder === 'gone') return false;
  return holder === null || (!holder.released && isAlive(processes, holder));
}

function identityOf(pid: number, processes: Processes): ProcessIdentity {
  const startTime = processes.stat(pid)?.startTime ?? '';
  return { pid, startTime, bootId: processes.bootId };
}

async function numbersOf(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** Null when it cannot be understood: then nothing proves that its holder is dead. */
async function readHolder(path: string): Promise<Holder | 'gone' | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(value) ? value : null;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? 'gone' : null;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTime, bootId, released } = value as Record<string, unknown>;
  return (
    typeof pid === 'number' &&
    typeof startTime === 'string' &&
    typeof bootId === 'string' &&
    typeof released === 'boolean'
  );
}

async function createExclusively(path: string, holder: Holder): Promise<boolean> {
  const temporary = await writeTemporary(path, holder);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function replace(path: string, holder: Holder): Promise<void> {
  await rename(await writeTemporary(path, holder), path);
}

async function writeTemporary(path: string, holder: Holder): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(holder));
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

async function removeBelow(path: string, numbers: readonly number[], mine: number): Promise<void> {
  for (const number of numbers.filter((other) => other < mine)) {
    await unlink(`${path}.${number}`).catch(() => undefined);
  }
}
