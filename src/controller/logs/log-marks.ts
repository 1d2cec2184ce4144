import { createHash } from 'node:crypto';
import type { FilePlace } from './log-follower.ts';

/** A place in one of the files of an answer, as a client hands it back: `1f0c3a5e-801-4d2-1024`. */
export function formatMark(path: string, { dev, ino, offset }: FilePlace): string {
  return [idOf(path), ...[dev, ino, offset].map((number) => number.toString(36))].join('-');
}

/** Where to go on in a file, of all marks of a request; null: it was not read before. */
export function placeOf(path: string, marks: readonly string[]): FilePlace | null {
  const id = `${idOf(path)}-`;
  const mark = marks.find((candidate) => candidate.startsWith(id));
  if (mark === undefined) return null;
  const [dev = 0, ino = 0, offset = 0] = mark
    .slice(id.length)
    .split('-')
    .map((text) => Number.parseInt(text, 36));
  return [dev, ino, offset].every(Number.isSafeInteger) ? { dev, ino, offset } : null;
}

function idOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 8);
}
