import type { Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { compress, type Encoding } from './encoding.ts';

/** Bytes of a file: below, the headers weigh more than what is saved; above, it would take too long and too much memory. */
const LEAST = 1024;
const MOST = 8 * 1024 * 1024;
/** Bytes of compressed files that are kept. */
const KEPT = 32 * 1024 * 1024;

/** Files that were compressed when they were first asked for, and are kept as long as they stay the same. */
export interface CompressedFiles {
  /** null: the file has changed while it was read. */
  get(file: { readonly path: string; readonly stats: Stats }, encoding: Encoding): Promise<Buffer | null>;
}

/** Whether it is sensible to compress a file of this size while somebody waits for it. */
export function isWorthwhile({ size }: Stats): boolean {
  return size >= LEAST && size <= MOST;
}

export function createCompressedFiles(): CompressedFiles {
  // In the order in which they were last asked for.
  const kept = new Map<string, Buffer>();
  const running = new Map<string, Promise<Buffer | null>>();
  let total = 0;
  const keep = (key: string, bytes: Buffer): void => {
    kept.set(key, bytes);
    total += bytes.length;
    for (const [oldest, { length }] of kept) {
      if (total <= KEPT) break;
      kept.delete(oldest);
      total -= length;
    }
  };
  return {
    async get({ path, stats }, encoding) {
      const key = [path, stats.ino, stats.size, stats.mtimeMs, encoding].join('\0');
      const known = kept.get(key);
      if (known !== undefined) {
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      const work = running.get(key) ?? compressFile(path, stats, encoding);
      if (!running.has(key)) {
        running.set(key, work);
        try {
          const bytes = await work;
          if (bytes !== null) keep(key, bytes);
        } finally {
          running.delete(key);
        }
      }
      return work;
    },
  };
}

async function compressFile(path: string, { size }: Stats, encoding: Encoding): Promise<Buffer | null> {
  const bytes = await readFile(path);
  return bytes.length === size ? compress(bytes, encoding) : null;
}
