import { lstat, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../lib/make-folder.ts';
import { errorCode } from '../../../lib/system-error.ts';
import { endMarked } from '../../processes/end-marked.ts';
import type { ProgramResult } from '../../processes/run-program.ts';
import type { Git } from '../program/git.ts';

export type ObjectFormat = 'sha1' | 'sha256';

/** The variable that a fetch carries, so that one that outlived its daemon is found. */
export const MIRROR_VARIABLE = 'STATEWARD_MIRROR';

/** Where the parts of one mirror are. All of the folder is ours. */
export interface MirrorPlaces {
  /** The repository. */
  readonly dir: string;
  /** The next one, while it is made beside it. */
  readonly making: string;
  /** The one before, until it is removed. */
  readonly broken: string;
  /** There when something of the repository could not be read: the next fetch makes a new one. */
  readonly suspect: string;
  /** Home folder of git, and place of temporary files. */
  readonly scratch: string;
}

export function mirrorPlaces(dir: string): MirrorPlaces {
  const base = dirname(dir);
  return {
    dir,
    making: join(base, 'repo.making.git'),
    broken: join(base, 'repo.broken.git'),
    suspect: join(base, 'repo.suspect'),
    scratch: join(base, 'scratch'),
  };
}

/** Makes an empty repository, without the samples that git's own templates have. Gives what git said. */
export async function makeMirror(git: Git, dir: string, format: ObjectFormat): Promise<ProgramResult> {
  await makeFolder(dirname(dir), 0o700);
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '--', dir];
  return git.run({ args });
}

export async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

export async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true;
}

/** Something of the mirror could not be read: says so to the next fetch, also after a crash. */
export async function markSuspect({ suspect }: MirrorPlaces): Promise<void> {
  await writeFile(suspect, '').catch(() => undefined);
}

/**
 * The new repository takes the place of the old one. A crash between leaves none, which is made again.
 *
 *   dir: old ──▶ dir: none, broken: old ──▶ dir: new, broken: old ──▶ dir: new
 */
export async function swapIn({ dir, making, broken, suspect }: MirrorPlaces): Promise<void> {
  await rm(broken, { recursive: true, force: true });
  await rename(dir, broken).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await rename(making, dir);
  await rm(suspect, { force: true });
  await rm(broken, { recursive: true, force: true });
}

/**
 * Ends a fetch that outlived the daemon that started it, and removes what such a one leaves: locks, which stop every
 * later fetch, and parts of packs. Only while no fetch of ours goes on.
 */
export async function clearLeftovers({ dir, making, broken, scratch }: MirrorPlaces): Promise<void> {
  await endMarked(`${MIRROR_VARIABLE}=${dir}`);
  await rm(making, { recursive: true, force: true });
  await rm(broken, { recursive: true, force: true });
  await removeOld(scratch);
  const objects = join(dir, 'objects');
  await removeIn(dir, (name) => name.endsWith('.lock') || name === 'gc.pid' || /^shallow_/.test(name));
  await removeIn(join(objects, 'info'), (name) => name.endsWith('.lock'));
  await removeIn(objects, (name) => name.startsWith('tmp_') || name.startsWith('incoming-'));
  await removeIn(join(objects, 'pack'), (name) => name.startsWith('tmp_') || name.startsWith('.tmp-'));
  await removeLocksBelow(join(dir, 'refs'));
}

/** All of the folder is ours. */
export async function removeMirror({ dir }: MirrorPlaces): Promise<void> {
  await endMarked(`${MIRROR_VARIABLE}=${dir}`);
  await rm(dirname(dir), { recursive: true, force: true });
}

async function removeIn(folder: string, isLeft: (name: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (isLeft(name)) await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

const OLD_MS = 24 * 60 * 60_000;

/** Temporary files of checks that did not come to their end; those of today may be in use. */
async function removeOld(scratch: string): Promise<void> {
  for (const name of await readdir(scratch).catch(() => [])) {
    const path = join(scratch, name);
    const stats = await lstat(path).catch(() => null);
    if (stats !== null && Date.now() - stats.mtimeMs > OLD_MS) {
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function removeLocksBelow(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await removeLocksBelow(path);
    else if (entry.name.endsWith('.lock')) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Size of the objects of a repository on disk, in bytes. */
export async function sizeOf(dir: string): Promise<number> {
  const below = async (folder: string, depth: number): Promise<number> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    let sum = 0;
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) sum += (await stat(path).catch(() => null))?.size ?? 0;
      else if (depth > 0) sum += await below(path, depth - 1);
    }
    return sum;
  };
  return below(join(dir, 'objects'), 2);
}
