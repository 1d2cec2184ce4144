import type { Failure } from '../../../lib/failure.ts';
import { loopTurns } from '../../../lib/turns/turns.ts';
import { formatBytes } from '../../../lib/units.ts';
import type { TreeBounds, TreeEntry } from '../model.ts';
import type { Tree } from './list-tree.ts';
import { leadsOut, MAX_LINK_BYTES } from './links.ts';
import { pathProblem, shownPath } from './path-name.ts';

/** Links are read one by one. */
const MAX_LINKS = 10_000;

/** File systems that take `README` and `readme` for one file: only there such pairs are refused. */
export interface FileSystemTraits {
  readonly foldsCase: boolean;
}

/** What of a tree no release may have, the first of it; null: nothing. Links are looked at by themselves. */
export async function treeProblem(
  { entries, odd }: Tree,
  { maxFiles, maxBytes }: TreeBounds,
  { foldsCase }: FileSystemTraits,
): Promise<Failure | null> {
  const [strange] = odd;
  if (strange !== undefined) return unsafe(strange.problem, strange.path);
  if (entries.length > maxFiles) {
    return tooLarge(`it has ${entries.length} files, and ${maxFiles} is the most`);
  }
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxBytes)
    return tooLarge(`its files are ${bytes} bytes, and ${formatBytes(maxBytes)} is the most`);
  if (entries.filter(({ kind }) => kind === 'link').length > MAX_LINKS) {
    return tooLarge(`it has more than ${MAX_LINKS} links`);
  }
  for (const { path } of entries) {
    if (loopTurns.isOver) await loopTurns.next();
    const problem = pathProblem(path);
    if (problem !== null) return unsafe(problem, path);
  }
  const [twice] = await clashes(entries, (path) => path);
  if (twice !== undefined) return unsafe('a path is there twice, or is both a file and a folder', twice);
  const [folded] = foldsCase ? await caseClashes(entries) : [];
  if (folded !== undefined) return unsafe('this file system takes two of its paths for one', folded);
  return null;
}

/** Paths that differ in their case alone, as far as they are given. */
export function caseClashes(entries: readonly TreeEntry[]): Promise<readonly string[]> {
  return clashes(entries, (path) => path.normalize('NFC').toLowerCase());
}

async function clashes(
  entries: readonly TreeEntry[],
  nameOf: (path: string) => string,
): Promise<readonly string[]> {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const found: string[] = [];
  for (const { path } of entries) {
    if (loopTurns.isOver) await loopTurns.next();
    const name = nameOf(path);
    if (files.has(name) || folders.has(name)) found.push(path);
    files.set(name, path);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      const folderName = nameOf(folder);
      const known = folders.get(folderName);
      if (files.has(folderName) || (known !== undefined && known !== folder)) found.push(path);
      if (known === folder) break;
      folders.set(folderName, folder);
    }
  }
  return found;
}

/** `targets`: what each link holds. */
export function linkProblem(targets: ReadonlyMap<string, Buffer>): Failure | null {
  const links = new Map([...targets].map(([path, target]) => [path, target.toString('utf8')]));
  for (const [path, target] of targets) {
    if (target.length > MAX_LINK_BYTES) return unsafe('a link is longer than a path can be', path);
    if (leadsOut(path, links)) return unsafe('a link leads out of the repository', path, links.get(path));
  }
  return null;
}

function tooLarge(words: string): Failure {
  return {
    code: 'RELEASE_UNSAFE',
    message: `cannot make a release of this commit: ${words}`,
    hint: 'keep builds, media and data out of the repository',
  };
}

function unsafe(problem: string, path: string, target?: string): Failure {
  const to = target === undefined ? '' : ` -> ${shownPath(target)}`;
  return {
    code: 'RELEASE_UNSAFE',
    message: `cannot make a release of this commit: ${problem}: ${shownPath(path)}${to}`,
    hint: 'remove it from the repository; nothing of the commit was written',
  };
}
