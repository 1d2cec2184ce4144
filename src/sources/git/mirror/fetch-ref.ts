import { join } from 'node:path';
import { isCommitHash } from '../../../lib/commit-hash.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { ProgramResult } from '../../processes/run-program.ts';
import type { Fetched, FetchFailure, FetchRequest, GitRef } from '../model.ts';
import { authProblem } from '../program/auth-files.ts';
import { failed, fetchFailure, isMirrorBroken } from '../program/fetch-failures.ts';
import { refProblem } from '../refs/ref-name.ts';
import { chooseRef, goneFailure, patternsOf, readRefs, type RemoteRef } from '../refs/remote-refs.ts';
import { rangeProblem } from '../refs/version-tags.ts';
import type { FetchContext } from './fetch-context.ts';
import { historyStep } from './history-step.ts';
import { keepCommit, tidyMirror } from './kept-commits.ts';
import { clearLeftovers, isFolder, isThere, makeMirror, swapIn } from './mirror.ts';
import { listRemote, transfer, transferEverything, type TransferContext } from './transfer.ts';

/** What is to be fetched, once the remote has said what it has. */
interface Target {
  /** Whole name of the ref, or a commit. */
  readonly name: string;
  readonly commit: string;
  readonly object: string;
}

/**
 * A fetch, from the ref that is declared to the commit that is here.
 *
 *   looked up ──the same, and all is here──▶ known ──▶ compared with `since` ──▶ taken, or refused
 *       │                                      ▲
 *       └──new──▶ transferred ─────────────────┤
 *                     └──our mirror is broken──▶ made anew beside it, and swapped
 *
 * The remote is asked what it has first: most looks end there, with one short answer.
 */
export async function fetchRef(
  context: FetchContext,
  request: FetchRequest,
): Promise<Result<Fetched, FetchFailure>> {
  const { ref, signal } = request;
  const problem = refProblem(ref) ?? ('semver' in ref ? await rangeProblem(ref.semver) : null);
  if (problem !== null) return err(failed(context, { why: 'other', words: problem, hint: 'correct ref' }));
  const ofAuth = await authProblem(context.remote, context.auth);
  if (ofAuth !== null) return err(ofAuth);
  const transfers: TransferContext = {
    ...context,
    signal,
    deadline: performance.now() + context.limits.totalMs,
  };
  const target = await lookUp(context, transfers, ref);
  if (!target.ok) return target;
  const here = await bringHere(context, transfers, target.value);
  if (!here.ok) return here;
  const { commit, object, notices, transferred } = here.value;
  const tag = tagOf(target.value.name, { commit, object });
  if (transferred) await keepCommit(context.git, context.places.dir, { commit, tag: tag?.object ?? null });
  const step = await historyStep({ ...context, transfers }, request, {
    commit,
    tag,
    name: target.value.name,
  });
  if (!step.ok) return step;
  if (transferred) await tidyMirror(context.git, context.places.dir);
  return ok({
    commit,
    ref: target.value.name,
    step: step.value.step,
    tag,
    transferred,
    notices: [...notices, ...step.value.notices],
  });
}

function tagOf(
  name: string,
  { commit, object }: { readonly commit: string; readonly object: string },
): Fetched['tag'] {
  if (!name.startsWith('refs/tags/')) return null;
  return { name: name.slice('refs/tags/'.length), object: object === commit ? null : object };
}

async function lookUp(
  context: FetchContext,
  transfers: TransferContext,
  ref: GitRef,
): Promise<Result<Target, FetchFailure>> {
  if ('commit' in ref) return ok({ name: ref.commit, commit: ref.commit, object: ref.commit });
  const listed = await listRemote(transfers, patternsOf(ref));
  if (listed.code !== 0) return err(fetchFailure(listed, context));
  const chosen = await chooseRef(ref, readRefs(listed.stdout));
  if (chosen.ok || 'semver' in ref) return chosen;
  const kind = 'branch' in ref ? 'refs/heads/' : 'refs/tags/';
  const others = await listRemote(transfers, [`${kind}*`]);
  const names = [...readRefs(others.stdout).keys()].map((name) => name.slice(kind.length));
  return err(goneFailure(ref, names));
}

interface Here {
  readonly commit: string;
  readonly object: string;
  readonly transferred: boolean;
  readonly notices: readonly string[];
}

async function bringHere(
  context: FetchContext,
  transfers: TransferContext,
  target: Target,
): Promise<Result<Here, FetchFailure>> {
  const { places, has, history } = context;
  const isSuspect = await isThere(places.suspect);
  const isMade = await isFolder(places.dir);
  const isShort = history === 'full' && (await isThere(join(places.dir, 'shallow')));
  if (isMade && !isSuspect && !isShort && (await has(target.commit, target.object))) {
    return ok({ ...target, transferred: false, notices: [] });
  }
  await clearLeftovers(places);
  if (isMade && !isSuspect) {
    const depth = history === 'full' ? 'full' : (await isEmpty(context)) ? 'tip' : 'new';
    const fetched = await bring(context, transfers, { dir: places.dir, target, depth });
    if (fetched.ok) return ok({ ...fetched.value, transferred: true, notices: [] });
    if (!isMirrorBroken(fetched.error) && !isGrown(fetched.error, depth))
      return failure(context, target, fetched.error);
  }
  const made = await makeMirror(context.git, places.making, target.object.length === 64 ? 'sha256' : 'sha1');
  if (made.code !== 0) return err(fetchFailure(made, context));
  const depth = history === 'full' ? 'full' : 'tip';
  const fetched = await bring(context, transfers, { dir: places.making, target, depth });
  if (!fetched.ok) return failure(context, target, fetched.error);
  await swapIn(places);
  const notices = isMade ? ['the copy of the repository was damaged, or too large, and was made anew'] : [];
  return ok({ ...fetched.value, transferred: true, notices });
}

/** A mirror that has grown over its limit may be small again with what is there today. */
function isGrown({ ended }: ProgramResult, depth: string): boolean {
  return ended === 'too-big' && depth === 'new';
}

async function isEmpty({ git, places }: FetchContext): Promise<boolean> {
  const { stdout } = await git.run(
    { args: ['for-each-ref', '--count=1', '--format=%(refname)'] },
    places.dir,
  );
  return stdout.length === 0;
}

async function failure(
  context: FetchContext,
  target: Target,
  result: ProgramResult,
): Promise<Result<never, FetchFailure>> {
  await clearLeftovers(context.places);
  if (isCommitHash(target.name) && isUnknownThere(result)) return err(goneFailure({ commit: target.commit }));
  return err(fetchFailure(result, context));
}

/** Fetches into a mirror; a commit by its hash, and where the remote gives none so, with everything else that there is. */
async function bring(
  { git }: FetchContext,
  transfers: TransferContext,
  {
    dir,
    target,
    depth,
  }: { readonly dir: string; readonly target: Target; readonly depth: 'tip' | 'new' | 'full' },
): Promise<Result<Pick<RemoteRef, 'commit' | 'object'>, ProgramResult>> {
  const fetched = await transfer(transfers, dir, { name: target.name, depth });
  if (fetched.ok || !isCommitHash(target.name) || !isUnknownThere(fetched.error)) return fetched;
  const all = await transferEverything(transfers, dir);
  if (all.code !== 0) return err(all);
  const found = await git.run({ args: ['cat-file', '-e', `${target.commit}^{tree}`] }, dir);
  return found.code === 0 ? ok(target) : fetched;
}

function isUnknownThere({ stderr }: ProgramResult): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|no such remote ref|not advertised/i.test(
    stderr,
  );
}
