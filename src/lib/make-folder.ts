import { mkdirSync, promises, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './system-error.ts';

/*
 * Every command loads this, and `node:fs/promises` takes a twentieth of a bare Node: `promises` loads it when it is used.
 *
 * Node's own way of it (`recursive`) never comes back where a folder is there and nothing can be made in it, as below
 * /proc; here each is tried once, and looked at again.
 */

/** Makes a folder and those that it is in, if they are not there, all with `mode`. Rejects with the system's error. */
export async function makeFolder(path: string, mode: number): Promise<void> {
  if (await isThere(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent, mode);
  try {
    await promises.mkdir(path, { mode });
  } catch (error) {
    // Somebody else was faster.
    if (errorCode(error) !== 'EEXIST' || !(await isThere(path))) throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await promises.stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The same, for what waits for it. Throws the system's error. */
export function makeFolderSync(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (parent !== path) makeFolderSync(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw error;
  }
}
