import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What is read of a file at most, from its end. */
const MAX_BYTES = 64 * 1024;

/** The last whole lines of a file; none where it cannot be read. */
export function lastLines(path: string, most: number): readonly string[] {
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
      readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      const lines = bytes.toString('utf8').replace(/\n$/, '').split('\n');
      return lines.slice(size > MAX_BYTES ? 1 : 0).slice(-most);
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}
