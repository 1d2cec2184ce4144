import { statSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isCommitHash } from '../../lib/commit-hash.ts';
import { readSmall } from '../read-file.ts';

/** HEAD, a ref and the pointers to other folders are one line, at most a long path. */
const MAX_LINE_BYTES = 8 * 1024;
/** Some 60,000 refs, and 4 ms; the usual few are 0.03 ms. */
const MAX_PACKED_BYTES = 4 * 1024 * 1024;
const MAX_CONFIG_BYTES = 256 * 1024;
/** As git follows refs that name other refs. */
const MAX_HOPS = 5;

/** A folder that git has checked out a commit into. */
export interface WorkTree {
  readonly root: string;
  /** Where HEAD and the index are: of a linked work tree or a submodule, not below `root`. */
  readonly gitDir: string;
  /** Where the branches are. */
  readonly commonDir: string;
}

export interface Head {
  readonly commit: string | null;
  readonly branch: string | null;
}

/**
 * The work tree that a folder lies in; null: in none. `known`: of the folders that it lies in, as far as they were looked
 * at, and afterwards of all of them. Read without git, which need not be there, which would refuse
 * folders of other users, and which runs what the configuration of a repository tells it to.
 */
export function findWorkTree(folder: string, known = new Map<string, WorkTree | null>()): WorkTree | null {
  const before = known.get(folder);
  if (before !== undefined) return before;
  const parent = dirname(folder);
  const found = workTreeAt(folder) ?? (parent === folder ? null : findWorkTree(parent, known));
  known.set(folder, found);
  return found;
}

function workTreeAt(folder: string): WorkTree | null {
  const path = join(folder, '.git');
  const stats = statOf(path);
  if (stats === null) return null;
  const gitDir = stats.isDirectory() ? path : namedGitDir(path);
  if (gitDir === null || statOf(join(gitDir, 'HEAD')) === null) return null;
  return { root: folder, gitDir, commonDir: resolve(gitDir, readLine(join(gitDir, 'commondir')) ?? '.') };
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Linked work trees and submodules have a file in place of the folder: `gitdir: PATH`. */
function namedGitDir(path: string): string | null {
  const [, named] = /^gitdir: (.+)$/.exec(readLine(path) ?? '') ?? [];
  return named === undefined ? null : resolve(dirname(path), named);
}

/** HEAD is of the work tree, the branches that it can name are of the whole repository. */
export function readHead({ gitDir, commonDir }: WorkTree): Head {
  let value = readLine(join(gitDir, 'HEAD'));
  let branch: string | null = null;
  for (let hops = 0; value !== null && hops < MAX_HOPS; hops++) {
    const [, ref] = /^ref: *(refs\/.+)$/.exec(value) ?? [];
    if (ref === undefined) return { commit: isCommitHash(value) ? value : null, branch };
    if (ref.split('/').includes('..')) break;
    branch ??= /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? null;
    value = readLine(join(commonDir, ref)) ?? packedValue(commonDir, ref);
  }
  return { commit: null, branch };
}

/** Lines of `HASH REF`; searched as bytes, as the file can be long. */
function packedValue(commonDir: string, ref: string): string | null {
  const packed = readSmall(join(commonDir, 'packed-refs'), MAX_PACKED_BYTES);
  const end = packed?.indexOf(` ${ref}\n`) ?? -1;
  if (packed === null || end === -1) return null;
  return packed.toString('latin1', packed.lastIndexOf('\n', end) + 1, end);
}

/** How long the hashes of a repository are, in bytes. */
export function hashBytes({ commonDir }: WorkTree): 20 | 32 {
  const config = readSmall(join(commonDir, 'config'), MAX_CONFIG_BYTES)?.toString('latin1') ?? '';
  return /^\s*objectformat\s*=\s*sha256\s*$/im.test(config) ? 32 : 20;
}

function readLine(path: string): string | null {
  return readSmall(path, MAX_LINE_BYTES)?.toString('utf8').trimEnd() ?? null;
}
