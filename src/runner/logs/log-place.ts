import type { Stats } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';

const MODE = 0o750;

/**
 * Makes a folder and those that it is in. Node's own way of it never comes back where a folder is there and nothing can
 * be made in it, as below /proc; here each is tried twice at most. Rejects with the system's error.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isThere(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  try {
    await mkdir(path, { mode: MODE });
  } catch (error) {
    // Somebody else was faster.
    if (errorCode(error) !== 'EEXIST' || !(await isThere(path))) throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Throws for what a line of text must not be written to. */
export function refuseKind(stats: Stats | null): void {
  if (stats?.isBlockDevice() === true) throw new Error('it is a disk: name a file');
  if (stats?.isSocket() === true) throw new Error('it is a socket: name a file');
}
