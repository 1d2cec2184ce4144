import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import type { EmptiedLog } from '../../protocol/reports.ts';
import { inPlace, openLogFile } from '../safe-place.ts';
import type { TimesIndex } from '../times/times-index.ts';
import { removeRotated, rotatedFiles } from './rotated-files.ts';

export interface EmptyOptions {
  /** Whether rotated files are removed as well. */
  readonly rotated: boolean;
  /** Where the times of lines are kept; left out: nowhere. */
  readonly times: TimesIndex | undefined;
}

/**
 * Empties a log file, whoever has it open: everybody appends. A link, a device, a FIFO, a socket is somebody else's and
 * stays as it is, with what is beside it. Never rejects.
 */
export async function emptyLog(path: string, { rotated, times }: EmptyOptions): Promise<EmptiedLog> {
  try {
    const there = await lstat(path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (there?.isFile() === false) return nothing(path, 'it is a link or no file, and stays as it is');
    const bytes = there === null ? 0 : await truncated(path, times);
    const beside = await rotatedOf(path);
    if (rotated) {
      for (const { name } of beside) {
        await inPlace(path, (inside) =>
          removeRotated(join(dirname(inside), name), (stats) => times?.forget(stats)),
        );
      }
    }
    const rotatedBytes = beside.reduce((sum, { size }) => sum + size, 0);
    return { path, bytes, rotatedFiles: beside.length, rotatedBytes };
  } catch (error) {
    return nothing(path, errorMessage(error));
  }
}

function nothing(path: string, skipped: string): EmptiedLog {
  return { path, bytes: 0, rotatedFiles: 0, rotatedBytes: 0, skipped };
}

async function truncated(path: string, times: TimesIndex | undefined): Promise<number> {
  await using file = await openLogFile(path, constants.O_WRONLY | constants.O_NONBLOCK, 0);
  const stats = await file.stat({ bigint: true });
  if (!stats.isFile()) throw new Error('it is no file any more');
  await file.truncate(0);
  await times?.emptied(stats);
  return Number(stats.size);
}

async function rotatedOf(path: string): Promise<{ readonly name: string; readonly size: number }[]> {
  const names = await rotatedFiles(path).catch(() => []);
  const looked = names.map(async ({ name }) => {
    const stats = await lstat(join(dirname(path), name)).catch(() => null);
    return stats?.isFile() === true ? [{ name, size: stats.size }] : [];
  });
  return (await Promise.all(looked)).flat();
}
