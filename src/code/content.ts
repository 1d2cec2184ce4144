import { createHash } from 'node:crypto';
import { readSync, type Stats } from 'node:fs';
import { readFileBy } from './read-file.ts';

/** What a file holds, as git names it: the hash of a blob. Of a file that is too long, of its ends and its length. */
export type ContentId = string;

export type HashName = 'sha1' | 'sha256';

/** Files up to here are read whole: 100 ms. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** Some 20 MB of memory. */
const MAX_ENTRIES = 100_000;

interface Entry {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly ino: number;
  readonly id: ContentId;
}

/** Contents by path, read again only when time, size or inode of the file have changed. */
export class Contents {
  readonly #entries = new Map<string, Entry>();
  /** A file that was written just now can be written again without a newer time. */
  readonly #settledMs: number;
  readonly #now: () => number;

  constructor(now: () => number = Date.now, settledMs = 50) {
    this.#now = now;
    this.#settledMs = settledMs;
  }

  /** Null: it cannot be read. */
  of(path: string, stats: Stats, hash: HashName = 'sha1'): ContentId | null {
    const known = this.#entries.get(path);
    if (known !== undefined && isSame(known, stats)) return known.id;
    const id = hashFile(path, hash);
    if (id === null) return null;
    const { mtimeMs, ctimeMs, size, ino } = stats;
    if (this.#now() - Math.max(mtimeMs, ctimeMs) > this.#settledMs) {
      if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
      this.#entries.set(path, { mtimeMs, ctimeMs, size, ino, id });
    }
    return id;
  }
}

function isSame(known: Entry, stats: Stats): boolean {
  return (
    known.mtimeMs === stats.mtimeMs &&
    known.ctimeMs === stats.ctimeMs &&
    known.size === stats.size &&
    known.ino === stats.ino
  );
}

function hashFile(path: string, name: HashName): ContentId | null {
  return readFileBy(path, (file, size) =>
    size <= MAX_WHOLE_BYTES ? whole(file, size, name) : ends(file, size, name),
  );
}

function whole(file: number, size: number, name: HashName): ContentId | null {
  const hash = createHash(name).update(`blob ${size}\0`);
  const chunk = Buffer.allocUnsafe(Math.min(size, CHUNK_BYTES));
  let length = 0;
  while (length < size) {
    const read = readSync(file, chunk, 0, Math.min(chunk.length, size - length), length);
    // It got shorter under our hands: what it holds is not settled.
    if (read === 0) return null;
    hash.update(chunk.subarray(0, read));
    length += read;
  }
  return hash.digest('hex');
}

function ends(file: number, size: number, name: HashName): ContentId {
  const hash = createHash(name).update(`ends ${size}\0`);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const at of [0, size - CHUNK_BYTES]) {
    hash.update(chunk.subarray(0, readSync(file, chunk, 0, CHUNK_BYTES, at)));
  }
  return hash.digest('hex');
}
