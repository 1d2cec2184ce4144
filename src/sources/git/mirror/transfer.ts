import { isCommitHash } from '../../../lib/commit-hash.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { ProgramResult } from '../../processes/run-program.ts';
import type { GitAuth, GitLimits } from '../model.ts';
import { remoteEnvironment, remoteSettings } from '../program/environment.ts';
import type { Git, GitRun } from '../program/git.ts';
import type { Remote } from '../remote.ts';
import { isThere, MIRROR_VARIABLE, sizeOf, type MirrorPlaces } from './mirror.ts';
import { join } from 'node:path';

/** The one name that a fetch writes: what the remote calls it may clash with what another branch was called. */
const FETCHED = 'refs/stateward/fetched';
const EVERYTHING = ['+refs/heads/*:refs/stateward/all/heads/*', '+refs/tags/*:refs/stateward/all/tags/*'];

export interface TransferContext {
  readonly git: Git;
  readonly places: MirrorPlaces;
  readonly remote: Remote;
  readonly auth: GitAuth;
  readonly limits: GitLimits;
  /** All runs of one fetch share its time: when that is over, by the clock that never jumps. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** What the remote has of these names; none: everything. Settled before anything is transferred. */
export function listRemote(context: TransferContext, patterns: readonly string[]): Promise<ProgramResult> {
  const { remote } = context;
  return asked(context, { args: ['ls-remote', '--quiet', '--', remote.url, ...patterns] });
}

/** How much history comes: what is there today, what follows what we have, or all of it. */
export type Depth = 'tip' | 'new' | 'full';

/** Fetches a ref (whole name) or a commit. Gives the commit that it leads to, and the object that it is. */
export async function transfer(
  context: TransferContext,
  dir: string,
  { name, depth }: { readonly name: string; readonly depth: Depth },
): Promise<Result<{ readonly commit: string; readonly object: string }, ProgramResult>> {
  const result = await fetchInto(context, dir, { specs: [`+${name}:${FETCHED}`], depth });
  if (result.code !== 0) return err(result);
  const { git } = context;
  const names = [FETCHED, `${FETCHED}^{commit}`, `${FETCHED}^{tree}`];
  const read = await git.run({ args: ['rev-parse', '--end-of-options', ...names] }, dir);
  const [object = '', commit = ''] = read.stdout.toString('latin1').split('\n').filter(isCommitHash);
  return read.code === 0 ? ok({ object, commit }) : err(read);
}

/** Every branch and tag with all of their history: for a commit that the remote does not give by its hash. */
export function transferEverything(context: TransferContext, dir: string): Promise<ProgramResult> {
  return fetchInto(context, dir, { specs: EVERYTHING, depth: 'full' });
}

interface FetchOrder {
  readonly specs: readonly string[];
  readonly depth: Depth;
}

async function fetchInto(
  context: TransferContext,
  dir: string,
  { specs, depth }: FetchOrder,
): Promise<ProgramResult> {
  const { remote, places, limits } = context;
  const isShallow = await isThere(join(dir, 'shallow'));
  const depths = depth === 'tip' ? ['--depth=1'] : depth === 'full' && isShallow ? ['--unshallow'] : [];
  const order = (flags: readonly string[]) => ({
    args: [
      ...['fetch', '--progress', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--force'],
      ...['--update-shallow', ...flags, '--', remote.url, ...specs],
    ],
    env: { [MIRROR_VARIABLE]: places.dir },
    stallMs: limits.stallMs,
    watch: async () => ((await sizeOf(dir)) > limits.maxBytes ? ('too-big' as const) : null),
  });
  const first = await asked(context, order(depths), dir);
  if (first.code === 0 || depths.length === 0 || !isNoShallow(first)) return checkedSize(first, dir, limits);
  return checkedSize(await asked(context, order([]), dir), dir, limits);
}

/** A small repository can be over its limit before it was looked at. */
async function checkedSize(
  result: ProgramResult,
  dir: string,
  { maxBytes }: GitLimits,
): Promise<ProgramResult> {
  if (result.code !== 0 || (await sizeOf(dir)) <= maxBytes) return result;
  return { ...result, code: null, ended: 'too-big' };
}

/** Plain web servers that know nothing of git cannot cut a history. */
function isNoShallow({ stderr }: ProgramResult): boolean {
  return /does not support (?:--depth|shallow)|dumb http|shallow capabilities/i.test(stderr);
}

/** Runs git where it asks the remote: with who we are, and within the time that is left. */
export function asked(
  { git, remote, auth, limits, deadline, signal }: TransferContext,
  order: Pick<GitRun, 'args' | 'env' | 'watch'>,
  dir?: string,
): Promise<ProgramResult> {
  const left = deadline - performance.now();
  const stallMs = Math.min(limits.stallMs, limits.totalMs);
  return git.run(
    {
      stallMs,
      ...order,
      settings: remoteSettings(auth, limits.stallMs),
      env: { ...remoteEnvironment(remote, auth), ...order.env },
      totalMs: Math.max(1, left),
      signal,
    },
    dir,
  );
}
