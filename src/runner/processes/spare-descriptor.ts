import { closeSync, openSync, readFileSync } from 'node:fs';
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

/** With a limit from here on there is no need to try them all: see `assertDescriptorsLeft`. */
const MANY = 16_384;
let limit: number | undefined;

/**
 * Throws the system's error (EMFILE) when so few descriptors are left that nothing more is to be started. The system gives
 * the lowest that is free. Where that is far below a high limit they are not nearly all in use; else they are tried: to try
 * them cost every start a tenth of a bare one.
 */
export function assertDescriptorsLeft(): void {
  const taken: number[] = [];
  try {
    taken.push(openSync('/dev/null', 'r'));
    limit ??= descriptorLimit();
    if (limit >= MANY && (taken[0] ?? limit) < limit / 4) return;
    for (let i = 1; i < RESERVED; i++) taken.push(openSync('/dev/null', 'r'));
  } finally {
    for (const fd of taken) closeSync(fd);
  }
}

/** How many this process may have; 0: that is not known. */
function descriptorLimit(): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return Number(found ?? 0);
  } catch {
    return 0;
  }
}
