import { lstatSync, mkdirSync } from 'node:fs';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { Lock } from './lock-outcome.ts';

const LOOK_MS = 2_000;

export interface KeepLockOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** The home, and the folder in it that the file of the lock is in. */
  readonly home: string;
  readonly run: string;
  readonly log: (message: string) => void;
}

/**
 * Looks after the file of a lock that is held, and the folder that it is in: both are made again when somebody has
 * removed or replaced them, for as long as the home is there. Without them who asks would take the holder for dead.
 */
export function keepLock(lock: Lock, { clock, home, run, log }: KeepLockOptions): Cancel {
  let problem: string | null = null;
  let isOver = false;
  let cancel: Cancel = () => undefined;
  const look = async (): Promise<void> => {
    try {
      if (!isFolder(home)) return;
      if (!isThere(run)) {
        log(`${run} was removed: making it again`);
        mkdirSync(run, { mode: 0o700 });
      }
      await lock.keep();
      problem = null;
    } catch (error) {
      const message = `cannot keep the lock in ${run}: ${errorMessage(error)}`;
      if (message !== problem) log(message);
      problem = message;
    }
  };
  const lookLater = (): void => {
    if (isOver) return;
    cancel = clock.after(LOOK_MS, () => void look().finally(lookLater));
  };
  lookLater();
  return () => {
    isOver = true;
    cancel();
  };
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
