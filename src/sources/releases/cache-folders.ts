import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorMessage } from '../../lib/system-error.ts';
import { pathProblem } from '../git/trees/path-name.ts';
import { findProgram } from '../processes/find-program.ts';
import { runProgram } from '../processes/run-program.ts';
import type { BuildRequest } from './model.ts';
import type { ReleasePlaces } from './places.ts';
import { removeTree } from './remove-tree.ts';

const COPY_MS = 10 * 60_000;

/*
 * A cache is copied into a tree before its build, and out of it after one that ended well (a copy costs little where the
 * file system shares blocks). So no release can change under another one, and a build that is killed spoils nothing.
 */

/** Gives what could not be done: a build without its cache is slower, and no worse. */
export async function bringCaches(
  places: ReleasePlaces,
  root: string,
  build: BuildRequest,
): Promise<readonly string[]> {
  return eachCache(build, async (path) => {
    const kept = join(places.cache, encodeURIComponent(path));
    const target = join(root, path);
    if (!(await isFolder(kept)) || (await isThere(target))) return;
    await mkdir(dirname(target), { recursive: true });
    await copy(kept, target, build);
  });
}

export async function keepCaches(
  places: ReleasePlaces,
  root: string,
  build: BuildRequest,
): Promise<readonly string[]> {
  return eachCache(build, async (path) => {
    const made = join(root, path);
    if (!(await isFolder(made))) return;
    await mkdir(places.cache, { recursive: true, mode: 0o700 });
    const kept = join(places.cache, encodeURIComponent(path));
    const next = `${kept}.next`;
    await removeTree(next);
    await copy(made, next, build);
    await removeTree(kept);
    await rename(next, kept);
  });
}

async function eachCache(
  { cache }: BuildRequest,
  work: (path: string) => Promise<void>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const declared of new Set(cache)) {
    const path = declared.replace(/^\.\//, '').replace(/\/+$/, '');
    try {
      const problem = pathProblem(path);
      if (problem !== null) throw new Error(problem);
      await work(path);
    } catch (error) {
      problems.push(`cache ${declared}: ${errorMessage(error)}`);
    }
  }
  return problems;
}

async function copy(from: string, to: string, { env }: BuildRequest): Promise<void> {
  const file = findProgram('cp', env['PATH']);
  if (file === null) throw new Error('there is no cp on PATH');
  const run = { file, args: ['-a', '--', from, to], cwd: '/', env, totalMs: COPY_MS, maxOutput: 1024 };
  const result = await runProgram(run);
  if (result.code === 0) return;
  await removeTree(to);
  throw new Error(`it cannot be copied: ${result.ended ?? result.stderr.trim().slice(-200)}`);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true;
}
