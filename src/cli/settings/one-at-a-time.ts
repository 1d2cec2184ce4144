import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FailureError } from '../../lib/failure.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';

const POLL_MS = 20;
/** A change takes milliseconds: whoever holds the lock for so long has been killed. */
const STALE_MS = 5_000;

/** Does `work` while no other command changes the settings of the home. */
export async function whileLocked<T>(home: string, work: () => Promise<T>): Promise<T> {
  const lock = join(home, '.config.yaml.lock');
  while (!(await taken(lock))) {
    await removeStale(lock);
    await setTimeout(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    const message = `cannot write to the home: ${errorMessage(error)}`;
    throw new FailureError({ code: 'PERMISSION', message, hint: 'nothing was changed; is the disk full?' });
  }
}

async function removeStale(lock: string): Promise<void> {
  const found = await stat(lock).catch(() => null);
  if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(lock, { force: true });
}
