import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { isOutOfDescriptors } from '../lib/system-error.ts';

/**
 * What `read` makes of an open file; null: it cannot be opened or read. Never waits: what is not a file (a FIFO without
 * a writer) is not read. Throws where no descriptor is left: whether there is such a file is not known then.
 */
export function readFileBy<T>(path: string, read: (file: number, size: number) => T | null): T | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return null;
  }
  try {
    const stats = fstatSync(file);
    return stats.isFile() ? read(file, stats.size) : null;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

/** The content of a file of at most `maxBytes`; null: there is none that can be read, or it is too long. */
export function readSmall(path: string, maxBytes: number): Buffer | null {
  return readFileBy(path, (file, size) => {
    if (size > maxBytes) return null;
    const bytes = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  });
}

/** The first bytes of a file as text; empty: it cannot be read. */
export function readBeginning(path: string): string {
  const bytes = Buffer.alloc(256);
  return readFileBy(path, (file) => bytes.toString('latin1', 0, readSync(file, bytes, 0, 256, 0))) ?? '';
}

/** What a path leads to; null when that is not known. */
export function statOf(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
