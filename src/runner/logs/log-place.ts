import { accessSync, constants, lstatSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DaemonStream } from '../protocol/orders.ts';

/** Of a folder that is made for logs. */
export const FOLDER_MODE = 0o750;

/**
 * Whether a plain file at `path` can be appended to, or made in its folder, which is made if need be, on a disk with room.
 * False: it cannot, or only a closer look could tell. Waits for the disk.
 */
export function isWritable(path: string): boolean {
  const folder = dirname(path);
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined && statSync(folder, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(folder, { mode: FOLDER_MODE });
    }
    accessSync(there === undefined ? folder : path, constants.W_OK);
    return there?.isFile() !== false && statfsSync(folder).bfree > 0;
  } catch {
    return false;
  }
}

const STREAMS: Readonly<Record<string, DaemonStream>> = {
  '/dev/stdout': 'stdout',
  '/dev/fd/1': 'stdout',
  '/proc/self/fd/1': 'stdout',
  '/dev/stderr': 'stderr',
  '/dev/fd/2': 'stderr',
  '/proc/self/fd/2': 'stderr',
};
/** As many as the kernel follows. */
const MAX_LINKS = 40;

/** The stream that a path stands for, or a link leads to, as in images that link their log files to /dev/stdout. */
export async function daemonStream(path: string): Promise<DaemonStream | null> {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const stream = STREAMS[at];
    if (stream !== undefined) return stream;
    const target = await readlink(at).catch(() => null);
    if (target === null) return null;
    at = resolve(dirname(at), target);
  }
  return null;
}
