import { isCommitHash, shortCommit } from '../../../lib/commit-hash.ts';
import type { GitRef } from '../model.ts';

const MAX_LENGTH = 200;
const FORBIDDEN = /[\p{Cc} ~^:?*[\\]/u;

/**
 * Why a text is not the name of a branch or a tag, or null: the rules of git check-ref-format, and no "-" in front, which
 * git would take for an option. A whole name (`refs/heads/main`) is not one either.
 */
export function refNameProblem(name: string): string | null {
  if (name === '') return 'a name is not empty';
  if (name.length > MAX_LENGTH) return `a name has at most ${MAX_LENGTH} characters`;
  if (name.startsWith('-')) return 'a name does not begin with "-"';
  if (name.startsWith('refs/')) return 'write the short name: main, not refs/heads/main';
  if (FORBIDDEN.test(name)) return 'a name has no spaces, control characters, and none of ~ ^ : ? * [ \\';
  if (name === '@' || name.includes('@{')) return '"@" and "@{" have another meaning for git';
  if (name.includes('..')) return 'a name has no ".." in it';
  if (name.endsWith('.')) return 'a name does not end with "."';
  const bad = name.split('/').find((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
  if (bad === '') return 'a name has no empty part between slashes';
  return bad === undefined ? null : 'no part of a name begins with "." or ends with ".lock"';
}

/** Why what is declared cannot be followed, or null. Ranges are looked at where they are used. */
export function refProblem(ref: GitRef): string | null {
  if ('branch' in ref) return refNameProblem(ref.branch);
  if ('tag' in ref) return refNameProblem(ref.tag);
  if ('commit' in ref) return isCommitHash(ref.commit) ? null : 'a commit is its whole hash, 40 or 64 digits';
  return null;
}

/** For people: `branch main`, `tag v1`, `tags >=1.2`, `commit 3f2a91c`. */
export function refText(ref: GitRef): string {
  if ('branch' in ref) return `branch ${ref.branch}`;
  if ('tag' in ref) return `tag ${ref.tag}`;
  if ('semver' in ref) return `a tag in the range ${ref.semver}`;
  return `commit ${shortCommit(ref.commit)}`;
}
