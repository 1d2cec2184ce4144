import { createReadStream, createWriteStream } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, rename, unlink, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../../../lib/system-error.ts';
import type { TimesIndex } from '../times/times-index.ts';
import { failpoint } from '../../../lib/failpoints/failpoint.ts';

/** What is told of a file that has been removed. */
export type OnRemoved = (stats: BigIntStats) => unknown;

/**
 * Moves `path` to `path.1`, `path.1` (or `path.1.gz`) to `path.2`, and so on, and removes what is beyond `keep`.
 * Rejects with the system's error when `path` itself cannot be moved.
 */
export async function rotate(path: string, keep: number, onRemoved: OnRemoved): Promise<void> {
  const rotated = await rotatedFiles(path);
  for (const { name, number, suffix } of rotated.sort((a, b) => b.number - a.number)) {
    const from = join(dirname(path), name);
    if (number >= keep) await removeRotated(from, onRemoved);
    else await rename(from, `${path}.${number + 1}${suffix}`);
  }
  failpoint('log.rotate');
  if (keep > 0) await rename(path, `${path}.1`);
  else await removeRotated(path, onRemoved);
  failpoint('log.rotated');
}

/** Replaces the newest rotated file by its gzip form; a crash in between leaves the plain file. */
export async function compressNewest(
  path: string,
  times: Pick<TimesIndex, 'carry' | 'forget'> | undefined,
): Promise<void> {
  const source = `${path}.1`;
  const temporary = `${source}.gz.tmp`;
  await removeIfThere(temporary);
  // Nothing that somebody else has put there meanwhile is written to.
  const target = createWriteStream(temporary, { mode: 0o640, flags: 'wx' });
  // Where nothing rotates, the runner does without it.
  const { createGzip } = await import('node:zlib');
  await pipeline(createReadStream(source), createGzip(), target);
  const { atime, mtime } = await lstat(source);
  await utimes(temporary, atime, mtime);
  const [from, to] = await Promise.all([source, temporary].map((file) => lstat(file, { bigint: true })));
  if (from !== undefined && to !== undefined) await times?.carry(from, to);
  await rename(temporary, `${source}.gz`);
  failpoint('log.compressed');
  await removeRotated(source, (stats) => times?.forget(stats));
}

interface RotatedFile {
  readonly name: string;
  readonly number: number;
  readonly suffix: string;
}

/** The rotated files of a log, those that are compressed too. Rejects with the system's error. */
export async function rotatedFiles(path: string): Promise<RotatedFile[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names.flatMap((name) => {
    const match = name.startsWith(prefix) ? /^(\d{1,6})(\.gz)?$/.exec(name.slice(prefix.length)) : null;
    return match === null ? [] : [{ name, number: Number(match[1]), suffix: match[2] ?? '' }];
  });
}

/** Removes a rotated file, and says so with what it was. */
export async function removeRotated(path: string, onRemoved: OnRemoved): Promise<void> {
  const stats = await lstat(path, { bigint: true }).catch(() => null);
  await removeIfThere(path);
  if (stats !== null) await onRemoved(stats);
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}
