import { readFileSync } from 'node:fs';
import { INIT_VARIABLE } from './become-init.ts';

/** Programs that are process 1 of a container only to reap, and hand on the signals that they get. */
const INITS: readonly string[] = ['tini', 'docker-init', 'dumb-init', 'catatonit'];

/** Whether everything here ends with this process: it is process 1, or the one that a container's init looks after. */
export function isContainerInit(): boolean {
  if (process.pid === 1) return true;
  if (process.ppid !== 1) return false;
  if (process.env[INIT_VARIABLE] !== undefined) return true;
  try {
    return INITS.includes(readFileSync('/proc/1/comm', 'utf8').trim());
  } catch {
    return false;
  }
}

/** What to know of a process 1 that cannot reap: Node knows its own children only. null: there is nothing to know. */
export function orphanWarning(): string | null {
  if (process.pid !== 1) return null;
  return (
    `process 1 is Node ${process.version}, which cannot reap processes that apps leave behind: they stay as zombies. ` +
    'Run the container with an init (docker run --init, or tini), or use Node 22.15 or later with /bin/sh in the image'
  );
}
