import { constants, copyFile, link, lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';

const MARK = '.corrupt-';
/** What is set aside is for people to look at; of one file there are never more than these. */
const KEPT = 5;

/**
 * Puts a file out of the way as `<path>.corrupt-<time>`; a missing one is fine. With `keep`, a plain file only gets this
 * second name and stays where it is, for whoever replaces it at once.
 */
export async function setAsideOne(
  path: string,
  now: number,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<void> {
  const stats = await lstat(path).catch(ifMissing);
  if (stats === null) return;
  const aside = `${path}${MARK}${new Date(now).toISOString().replaceAll(':', '')}`;
  if (keep && stats.isFile()) await linkOrCopy(path, aside).catch(ifExisting);
  else await rename(path, aside);
  await dropOlder(path);
}

/** Gives a file a second name; some file systems have no hard links. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(errorCode(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

async function dropOlder(path: string): Promise<void> {
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}${MARK}`));
  // The names sort by their times.
  for (const name of names.sort().slice(0, -KEPT)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function ifMissing(error: unknown): null {
  if (errorCode(error) === 'ENOENT') return null;
  throw error;
}

function ifExisting(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}
