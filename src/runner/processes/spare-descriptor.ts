import { closeSync, openSync } from 'node:fs';
import { isOutOfDescriptors } from '../../lib/system-error.ts';

let spare: number | undefined;

/**
 * Calls `read`, which opens a file and closes it again before it returns, and once more with a descriptor that is kept for
 * that when all others are in use: whether a process lives has to be known above all when the runner is at its limits.
 */
export function withSpareDescriptor<T>(read: () => T): T {
  keepSpare();
  try {
    return read();
  } catch (error) {
    if (spare === undefined || !isOutOfDescriptors(error)) throw error;
    closeSync(spare);
    spare = undefined;
    try {
      return read();
    } finally {
      keepSpare();
    }
  }
}

function keepSpare(): void {
  if (spare !== undefined) return;
  try {
    spare = openSync('/dev/null', 'r');
  } catch {
    // The next one that is closed will do.
  }
}

/** What starts leave for other work: connections, log files, looking at processes. */
const RESERVED = 32;

/** Throws the system's error (EMFILE) when so few descriptors are left that nothing more is to be started. */
export function assertDescriptorsLeft(): void {
  const taken: number[] = [];
  try {
    for (let i = 0; i < RESERVED; i++) taken.push(openSync('/dev/null', 'r'));
  } finally {
    for (const fd of taken) closeSync(fd);
  }
}
