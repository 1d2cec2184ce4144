import { open, readdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeHead, MAX_HEAD_BYTES, timesName } from '../../../lib/log-times/times-file.ts';
import { errorCode } from '../../../lib/system-error.ts';

export interface SweepOptions {
  /** Of the indexes. */
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Somebody writes it. */
  readonly isBusy: (name: string) => boolean;
}

/** Something may be under way with an index that is younger. */
const YOUNG_MS = 60_000;
/** A folder that is not there may be a disk that is not there at the moment: its indexes are kept for so long. */
const AWAY_MS = 30 * 24 * 3_600_000;

interface Index {
  readonly name: string;
  /** Of the log that it was begun for; null: it is no index. */
  readonly log: string | null;
  /** When it was written last; epoch milliseconds. */
  readonly writtenAt: number;
}

/**
 * Removes the indexes whose log is nowhere any more: neither at its path nor, renamed, beside it. Rejects with the system's
 * error where the indexes cannot be read.
 */
export async function sweepTimes({ folder, now, isBusy }: SweepOptions): Promise<void> {
  const byLog = new Map<string | null, Index[]>();
  for (const name of await readdir(folder)) {
    const index = isBusy(name) ? null : await indexOf(folder, name);
    if (index === null || now - index.writtenAt < YOUNG_MS) continue;
    byLog.set(index.log, [...(byLog.get(index.log) ?? []), index]);
  }
  for (const [log, indexes] of byLog) {
    const there = log === null ? new Set<string>() : await namesBeside(log);
    for (const { name, writtenAt } of indexes) {
      const isGone = there === null ? now - writtenAt > AWAY_MS : !there.has(name);
      if (isGone && !isBusy(name)) await unlink(join(folder, name)).catch(() => undefined);
    }
  }
}

async function indexOf(folder: string, name: string): Promise<Index | null> {
  try {
    await using file = await open(join(folder, name), 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEAD_BYTES), 0, MAX_HEAD_BYTES, 0);
    const head = decodeHead(buffer.subarray(0, bytesRead));
    return { name, log: head?.path ?? null, writtenAt: (await file.stat()).mtimeMs };
  } catch {
    return null;
  }
}

/** The names that indexes of a log and of what it was renamed to have; null: its folder cannot be looked at. */
async function namesBeside(log: string): Promise<ReadonlySet<string> | null> {
  const folder = dirname(log);
  // `web.log` becomes `web.log.1`, `web.log.2.gz`, `web.log-20261129` or `web-20261129.log`.
  const stem = basename(log).replace(/(?<=.)\.[^.]*$/, '');
  try {
    const names = new Set<string>();
    for (const file of await readdir(folder)) {
      if (!file.startsWith(stem)) continue;
      const stats = await stat(join(folder, file), { bigint: true }).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ELOOP') return null;
        throw error;
      });
      if (stats !== null) names.add(timesName(stats));
    }
    return names;
  } catch {
    return null;
  }
}
