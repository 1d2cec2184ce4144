import { join } from 'node:path';
import { shortCommit } from '../../../lib/commit-hash.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { FetchedTag, FetchFailure, FetchRequest, HistoryStep } from '../model.ts';
import { fetchFailure } from '../program/fetch-failures.ts';
import type { Git } from '../program/git.ts';
import { isLower } from '../refs/version-tags.ts';
import type { FetchContext } from './fetch-context.ts';
import { isThere } from './mirror.ts';
import { transfer, type TransferContext } from './transfer.ts';

interface Found {
  readonly commit: string;
  readonly tag: FetchedTag | null;
  /** Whole name of the ref. */
  readonly name: string;
}

interface Step {
  readonly step: HistoryStep;
  readonly notices: readonly string[];
}

type StepContext = FetchContext & { readonly transfers: TransferContext };

/** How what was found stands to what was taken last. HISTORY_REWRITTEN unless that is allowed. */
export async function historyStep(
  context: StepContext,
  { ref, since, sinceTag, allowRewrite }: FetchRequest,
  found: Found,
): Promise<Result<Step, FetchFailure>> {
  if (since === null) return ok({ step: 'first', notices: [] });
  if (since === found.commit) return ok({ step: 'unchanged', notices: [] });
  let rewritten: Result<string | null, FetchFailure>;
  if ('commit' in ref) rewritten = ok(null);
  else if ('branch' in ref) rewritten = await branchRewritten(context, since, found);
  else rewritten = ok(await tagRewritten(sinceTag ?? null, since, found));
  if (!rewritten.ok) return rewritten;
  const words = rewritten.value;
  if (words === null) return ok({ step: 'advanced', notices: [] });
  if (allowRewrite) return ok({ step: 'rewritten', notices: [`${words}; allow_force_push takes it`] });
  return err({
    code: 'HISTORY_REWRITTEN',
    why: 'rewritten',
    commit: found.commit,
    message: `cannot follow ${context.remote.shown}: ${words}`,
    hint: 'find out who did it and why; push the old one again, or take this one with allow_force_push: true',
  });
}

async function branchRewritten(
  context: StepContext,
  since: string,
  { commit, name }: Found,
): Promise<Result<string | null, FetchFailure>> {
  const { git, places, transfers, has } = context;
  const isThereYet = async (): Promise<boolean> =>
    (await has(since)) && (await isAncestor(git, places.dir, since, commit));
  if (await isThereYet()) return ok(null);
  // A history that was cut short proves nothing: nobody is accused before all of it is here.
  if (await isThere(join(places.dir, 'shallow'))) {
    const all = await transfer(transfers, places.dir, { name, depth: 'full' });
    if (!all.ok) return err(fetchFailure(all.error, context));
    if (await isThereYet()) return ok(null);
  }
  const branch = name.slice('refs/heads/'.length);
  const isSetBack = (await has(since)) && (await isAncestor(git, places.dir, commit, since));
  return ok(
    isSetBack
      ? `branch ${branch} was set back from ${shortCommit(since)} to ${shortCommit(commit)}`
      : `branch ${branch} was pushed by force: ${shortCommit(commit)} does not follow ${shortCommit(since)}`,
  );
}

async function tagRewritten(
  sinceTag: string | null,
  since: string,
  { commit, tag }: Found,
): Promise<string | null> {
  if (tag === null || sinceTag === null) return null;
  if (tag.name === sinceTag)
    return `tag ${tag.name} was moved from ${shortCommit(since)} to ${shortCommit(commit)}`;
  return (await isLower(tag.name, sinceTag))
    ? `tag ${sinceTag} is gone, and the highest is now ${tag.name}`
    : null;
}

async function isAncestor(git: Git, dir: string, ancestor: string, commit: string): Promise<boolean> {
  const { code } = await git.run({ args: ['merge-base', '--is-ancestor', ancestor, commit] }, dir);
  return code === 0;
}
