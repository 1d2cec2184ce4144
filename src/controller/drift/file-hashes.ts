import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { errorCode } from '../../lib/system-error.ts';
import { hashOfBytes, hashOfVariables, variablesOf } from '../../spec/read-from/read-from.ts';

/** What a file is now. `unknown`: it cannot be looked at, which says nothing about what is in it. */
export type FileNow =
  | { readonly kind: 'hash'; readonly hash: string; readonly changedAt: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown' };

export type Hashing = 'bytes' | 'variables';

/** More is no declaration, and is not read to find that out. */
const MAX_BYTES = 16n * 1024n * 1024n;
const GONE = ['ENOENT', 'ENOTDIR'];

/** Hashes of files; what has not been touched since is not read again. */
export class FileHashes {
  readonly #known = new Map<string, { readonly stamp: string; readonly now: FileNow }>();

  async now(path: string, hashing: Hashing): Promise<FileNow> {
    const id = `${hashing} ${path}`;
    try {
      const stats = await stat(path, { bigint: true });
      const stamp = stampOf(stats);
      const known = this.#known.get(id);
      if (known?.stamp === stamp) return known.now;
      const now = await read(path, stats, hashing);
      this.#known.set(id, { stamp, now });
      return now;
    } catch (error) {
      this.#known.delete(id);
      return { kind: GONE.includes(errorCode(error) ?? '') ? 'gone' : 'unknown' };
    }
  }

  /** Forgets files that nobody asks for any more. */
  keep(paths: ReadonlySet<string>): void {
    for (const id of this.#known.keys())
      if (!paths.has(id.slice(id.indexOf(' ') + 1))) this.#known.delete(id);
  }
}

async function read(path: string, stats: BigIntStats, hashing: Hashing): Promise<FileNow> {
  // To open a FIFO would wait for whoever writes to it.
  if (!stats.isFile()) return { kind: 'unknown' };
  const changedAt = Number(stats.mtimeMs);
  if (stats.size > MAX_BYTES) return { kind: 'hash', hash: 'too large', changedAt };
  const bytes = await readFile(path);
  const hash =
    hashing === 'bytes' ? hashOfBytes(bytes) : hashOfVariables(variablesOf(bytes.toString('utf8')));
  return { kind: 'hash', hash, changedAt };
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
