import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isCommitHash } from '../../lib/commit-hash.ts';
import type { ProjectSpec } from '../../spec/types.ts';

/** HEAD, a ref and the pointers to other folders are one line, at most a long path. */
const MAX_LINE_BYTES = 8 * 1024;
/** Some 60,000 refs, and 4 ms; the usual few are 0.03 ms. */
const MAX_PACKED_BYTES = 4 * 1024 * 1024;
/** As git follows refs that name other refs. */
const MAX_HOPS = 5;

/** By project: the commit that is checked out where its first file lies; without those that have none. */
export function checkedOutCommits(
  projects: readonly Pick<ProjectSpec, 'project' | 'source'>[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    projects.flatMap(({ project, source: { files } }) => {
      const [file] = files;
      const commit = file === undefined || file === '-' ? null : checkedOutCommit(file);
      return commit === null ? [] : [[project, commit]];
    }),
  );
}

/**
 * The full hash of the commit that is checked out in the work tree that a file lies in; nothing is said of whether the
 * file equals it. Read without git, which need not be there and could take its time. null when there is no work tree or
 * no commit, and for all that is not as expected (damaged, unreadable, reftable): it is only a note in the history.
 */
export function checkedOutCommit(file: string): string | null {
  try {
    const gitDir = findGitDir(dirname(realpathSync(file)));
    return gitDir === null ? null : commitOfHead(gitDir);
  } catch {
    return null;
  }
}

function findGitDir(folder: string): string | null {
  const path = join(folder, '.git');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) return stats.isDirectory() ? path : namedGitDir(path);
  const parent = dirname(folder);
  return parent === folder ? null : findGitDir(parent);
}

/** Worktrees and submodules have a file in place of the folder: `gitdir: PATH`. */
function namedGitDir(path: string): string | null {
  const [, named] = /^gitdir: (.+)$/.exec(readLine(path) ?? '') ?? [];
  return named === undefined ? null : resolve(dirname(path), named);
}

/** HEAD is of the worktree, the branches that it can name are of the whole repository. */
function commitOfHead(gitDir: string): string | null {
  const commonDir = resolve(gitDir, readLine(join(gitDir, 'commondir')) ?? '.');
  let value = readLine(join(gitDir, 'HEAD'));
  for (let hops = 0; value !== null && hops < MAX_HOPS; hops++) {
    const [, ref] = /^ref: *(refs\/.+)$/.exec(value) ?? [];
    if (ref === undefined) return isCommitHash(value) ? value : null;
    if (ref.split('/').includes('..')) return null;
    value = readLine(join(commonDir, ref)) ?? packedValue(commonDir, ref);
  }
  return null;
}

/** Lines of `HASH REF`; searched as bytes, as the file can be long. */
function packedValue(commonDir: string, ref: string): string | null {
  const packed = readSmall(join(commonDir, 'packed-refs'), MAX_PACKED_BYTES);
  const end = packed?.indexOf(` ${ref}\n`) ?? -1;
  if (packed === null || end === -1) return null;
  return packed.toString('latin1', packed.lastIndexOf('\n', end) + 1, end);
}

function readLine(path: string): string | null {
  return readSmall(path, MAX_LINE_BYTES)?.toString('utf8').trimEnd() ?? null;
}

/** null: no such file. Throws when it is something else than a file (a FIFO would keep us) or too long. */
function readSmall(path: string, maxBytes: number): Buffer | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  // Git leaves empty folders behind where branches with a slash in their names have been.
  if (stats === undefined || stats.isDirectory()) return null;
  if (!stats.isFile() || stats.size > maxBytes) throw new Error(`${path} is not a file of git`);
  const bytes = Buffer.alloc(stats.size);
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}
