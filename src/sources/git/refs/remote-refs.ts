import { isCommitHash } from '../../../lib/commit-hash.ts';
import { didYouMean } from '../../../lib/nearest.ts';
import type { FetchFailure, GitRef } from '../model.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { refText } from './ref-name.ts';
import { highestTag } from './version-tags.ts';

/** What a ref is at the remote. */
export interface RemoteRef {
  /** Whole name. */
  readonly name: string;
  /** What the name itself is: a commit, or an annotated tag. */
  readonly object: string;
  readonly commit: string;
}

/** Refs of a remote by their whole names, as `git ls-remote` prints them. Lines that are none are left out. */
export function readRefs(output: Buffer): ReadonlyMap<string, RemoteRef> {
  const refs = new Map<string, RemoteRef>();
  for (const line of output.toString('utf8').split('\n')) {
    const [object = '', name = ''] = line.split('\t');
    if (!isCommitHash(object) || !name.startsWith('refs/')) continue;
    // What an annotated tag leads to has its own line, after that of the tag.
    const base = name.endsWith('^{}') ? name.slice(0, -3) : null;
    const tag = base === null ? undefined : refs.get(base);
    if (base === null) refs.set(name, { name, object, commit: object });
    else if (tag !== undefined) refs.set(base, { ...tag, commit: object });
  }
  return refs;
}

/** What the remote has to be asked for. */
export function patternsOf(ref: Exclude<GitRef, { readonly commit: string }>): readonly string[] {
  if ('branch' in ref) return [`refs/heads/${ref.branch}`];
  if ('tag' in ref) return [`refs/tags/${ref.tag}`, `refs/tags/${ref.tag}^{}`];
  return ['refs/tags/*'];
}

/** The one that is followed; REF_GONE when it is not there. */
export async function chooseRef(
  ref: Exclude<GitRef, { readonly commit: string }>,
  refs: ReadonlyMap<string, RemoteRef>,
): Promise<Result<RemoteRef, FetchFailure>> {
  let name: string | null;
  if ('branch' in ref) name = `refs/heads/${ref.branch}`;
  else if ('tag' in ref) name = `refs/tags/${ref.tag}`;
  else {
    const tags = [...refs.keys()].map((one) => one.slice('refs/tags/'.length));
    const tag = await highestTag(ref.semver, tags);
    name = tag === null ? null : `refs/tags/${tag}`;
  }
  const found = name === null ? undefined : refs.get(name);
  return found === undefined ? err(goneFailure(ref)) : ok(found);
}

/** `others`: names of the same kind that the remote has. */
export function goneFailure(ref: GitRef, others: readonly string[] = []): FetchFailure {
  const wanted = 'branch' in ref ? ref.branch : 'tag' in ref ? ref.tag : '';
  const meant = wanted === '' ? undefined : didYouMean(wanted, others);
  return {
    code: 'REF_GONE',
    why: 'gone',
    message: `cannot follow ${refText(ref)}: ${'semver' in ref ? 'the repository has none' : 'the repository does not have it (any more)'}`,
    hint: `push it again, or correct ref${meant === undefined ? '' : ` (${meant})`}; what runs is left as it is`,
  };
}
