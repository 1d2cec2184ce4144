import { readFileSync } from 'node:fs';

/** Programs that are process 1 of a container only to reap, and hand on the signals that they get. */
const INITS: readonly string[] = ['tini', 'docker-init', 'dumb-init', 'catatonit'];

/** Whether everything here ends with this process: it is process 1, or the one that a container's init looks after. */
export function isContainerInit(): boolean {
  if (process.pid === 1) return true;
  if (process.ppid !== 1) return false;
  try {
    return INITS.includes(readFileSync('/proc/1/comm', 'utf8').trim());
  } catch {
    return false;
  }
}
