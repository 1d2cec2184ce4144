import { createHash } from 'node:crypto';
import type { FileIdentity } from './log-part.ts';

/** A place in a file: as long as the file is the same one, what came before it has been read. */
export interface FilePlace extends FileIdentity {
  readonly offset: number;
  /**
   * When the first bytes of the file came, or it was made, epoch milliseconds; 0: not known. It finds the file when that was compressed. Of
   * no file (0 as its number): when there was none.
   */
  readonly at: number;
}

/** When somebody began to follow: what has appeared since is new to them. */
const BEGUN = 'begun';

/** A place in one of the files of an answer, as a client hands it back: `1f0c3a5e-801-4d2-1024-mc5x2a-mc5x29`. */
export function formatMark(path: string, place: FilePlace): string {
  return markFormatter(path)(place);
}

/** The same for many places of one file. */
export function markFormatter(path: string): (place: FilePlace) => string {
  const id = idOf(path);
  return ({ dev, ino, offset, at, born }) => {
    const numbers = [dev, ino, offset, Math.max(0, Math.round(at)), born];
    return [id, ...numbers.map((number) => number.toString(36))].join('-');
  };
}

export function formatBegun(at: number): string {
  return `${BEGUN}-${Math.round(at).toString(36)}`;
}

/** Epoch milliseconds; null: this is the first time. */
export function begunAt(marks: readonly string[]): number | null {
  const mark = marks.find((candidate) => candidate.startsWith(`${BEGUN}-`));
  const at = mark === undefined ? NaN : Number.parseInt(mark.slice(BEGUN.length + 1), 36);
  return Number.isSafeInteger(at) ? at : null;
}

/** Where to go on in a file, of all marks of a request; null: it was not read before. */
export function placeOf(path: string, marks: readonly string[]): FilePlace | null {
  const id = `${idOf(path)}-`;
  const mark = marks.find((candidate) => candidate.startsWith(id));
  if (mark === undefined) return null;
  const [dev = 0, ino = 0, offset = 0, at = 0, born = 0] = mark
    .slice(id.length)
    .split('-')
    .map((text) => Number.parseInt(text, 36));
  return [dev, ino, offset, at, born].every(Number.isSafeInteger) ? { dev, ino, offset, at, born } : null;
}

function idOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 8);
}
