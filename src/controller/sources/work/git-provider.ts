import { shortCommit } from '../../../lib/commit-hash.ts';
import { join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { failpoint } from '../../../lib/failpoints/failpoint.ts';
import { err, ok } from '../../../lib/result.ts';
import { sameValue } from '../../../lib/values/same-value.ts';
import { formatSpan } from '../../../lib/units.ts';
import type { GitLimits, Repository } from '../../../sources/git/model.ts';
import { parseRemote } from '../../../sources/git/remote.ts';
import type { GitOrigin, SourceSpec } from '../../../sources/model/source.ts';
import type { Version } from '../../../sources/model/record.ts';
import type { Release, ReleaseLimits } from '../../../sources/releases/model.ts';
import { endNoted } from '../../../sources/releases/findable.ts';
import { notesOfRuns, releasePlaces } from '../../../sources/releases/places.ts';
import type { SourcesContext } from '../context.ts';
import { plainFailure, verifyVersion } from '../git/verify-version.ts';
import type { LookResult } from '../looks/look.ts';
import { hostWords } from '../words/host-words.ts';
import { runHook } from './run-hook.ts';
import { releasesInUse } from './releases-in-use.ts';
import type { Provider } from './provider.ts';

const GIT_LIMITS: GitLimits = { totalMs: 15 * 60_000, stallMs: 60_000, maxBytes: 4 * 1024 ** 3 };
/** Somebody else has to answer. */
const LONGEST_WAIT_MS = 15 * 60_000;
const RELEASE_LIMITS: ReleaseLimits = {
  maxFiles: 200_000,
  maxBytes: 4 * 1024 ** 3,
  maxOutputBytes: 4 * 1024 ** 2,
};

/** A repository: each commit is fetched, verified, checked out and built before anything of it is read. */
export function gitProvider(spec: SourceSpec, from: GitOrigin, context: SourcesContext): Provider {
  const { name } = spec;
  const { git, paths, clock, environment, log } = context;
  const dir = join(paths.releases, name);
  const ending = new AbortController();
  const until = (other?: AbortSignal): AbortSignal =>
    other === undefined ? ending.signal : AbortSignal.any([ending.signal, other]);
  const remote = parseRemote(from.remote, { insecure: from.insecure });
  const repository = remote.ok
    ? git.openRepository({
        dir: join(paths.sources, name, 'repo.git'),
        remote: remote.value,
        auth: from.auth,
        limits: GIT_LIMITS,
        history: from.verify?.mode === 'all' ? 'full' : 'tip',
        env: environment,
      })
    : null;
  const words = repository === null ? null : hostWords(name, from, { repository, host: context.host });
  return {
    stages: [
      'Fetched',
      ...(from.verify === null ? [] : (['Verified'] as const)),
      'Built',
      'Valid',
      'Synced',
      'Healthy',
    ],
    longestWaitMs: LONGEST_WAIT_MS,
    async look(record, now, signal): Promise<LookResult> {
      if (repository === null) return { kind: 'failed', failure: noRemote(remote) };
      const fetched = await repository.fetch({
        ref: from.ref,
        // One that was refused, or still waits, was not taken: those who pushed it may push another one in its place.
        since: record.taken?.id ?? null,
        sinceTag: record.taken?.tag?.name ?? null,
        allowRewrite: from.allowForcePush,
        signal: until(signal),
      });
      if (!fetched.ok) return { kind: 'failed', failure: plainFailure(fetched.error) };
      const { commit, notices, tag } = fetched.value;
      for (const notice of notices) log(`source ${name}: ${notice}`);
      const known = record.head?.id === commit ? record.head : await described(repository, commit, now);
      const word = await words?.of(commit, record, until(signal));
      if (word?.ok === false) return { kind: 'failed', failure: plainFailure(word.error) };
      // The same commit may have another tag by now: one that is signed, or a higher one.
      const version = tag === null || sameValue(known.tag, tag) ? known : { ...known, tag };
      return { kind: 'version', version, ...(word !== undefined && { word: word.value }) };
    },
    async prepare(record, version, passed, given) {
      const signal = until(given);
      if (repository === null) return err({ stage: 'Fetched', failures: [noRemote(remote)], passes: false });
      const fetched = await fetchOne(repository, version.id, signal);
      if (fetched !== null)
        return err({ stage: 'Fetched', failures: [fetched], passes: fetched.code === 'FETCH_FAILED' });
      const refusal = await verifyVersion({ repository, record, version, from, git, passed });
      if (refusal !== null) return err(refusal);
      failpoint('source.verified');
      const { build } = from;
      const made = await git.makeRelease({
        repository,
        source: name,
        commit: version.id,
        dir,
        build: build && {
          command: build.command,
          timeoutMs: build.timeoutMs,
          cwd: '',
          cache: build.cache,
          env: buildEnvironment(build.env, environment),
        },
        limits: RELEASE_LIMITS,
        clock,
        signal,
      });
      if (!made.ok) {
        const { passing, output, ...failure } = made.error;
        const details =
          output === undefined ? {} : { details: [...(failure.details ?? []), `all of it: ${output}`] };
        return err({ stage: 'Built', failures: [{ ...failure, ...details }], passes: passing });
      }
      passed('Built', builtMessage(made.value));
      const { root } = made.value;
      return ok({
        file: join(root, from.path),
        release: {
          commit: version.id,
          root,
          inputs: build === null ? [] : build.inputs,
          same: (before, after, paths) => sameContent(repository, before, after, paths),
        },
        origin: { source: name, commit: version.id },
      });
    },
    async hook(kind, commit, signal) {
      const hook = from.hooks[kind];
      if (hook === undefined) return null;
      const env = {
        ...buildEnvironment({}, environment),
        ...{ STATEWARD_SOURCE: name, STATEWARD_COMMIT: commit, STATEWARD_HOME: paths.home },
      };
      const places = { cwd: join(dir, commit), note: releasePlaces(dir).hooking };
      return runHook({ name: kind, hook, env, signal: until(signal), ...places });
    },
    async endLeft() {
      for (const note of notesOfRuns(dir)) await endNoted(note);
    },
    announce: async (commit, word) => (await words?.say(commit, word, ending.signal)) ?? null,
    edited: async (record) => git.editedReleases(dir, await releasesInUse(record, dir, context)),
    async tidy(record) {
      const inUse = await releasesInUse(record, dir, context);
      const bad = new Set(record.quarantined.map(({ id }) => id));
      const gone = await git.retire({ dir, keep: from.keep, inUse, bad });
      if (gone.length > 0) log(`source ${name}: removed the releases ${gone.map(shortCommit).join(', ')}`);
    },
    async forget(record) {
      const nothing = { ...record, head: null, applied: null, attempted: null, lastGood: null };
      await git.retire({ dir, keep: 0, inUse: await releasesInUse(nothing, dir, context) });
      await repository?.remove();
    },
    close: () => ending.abort(),
  };
}

function noRemote(remote: ReturnType<typeof parseRemote>): Failure {
  return { code: 'CONFIG_BAD_VALUE', message: remote.ok ? 'there is no repository' : remote.error };
}

async function described(repository: Repository, commit: string, now: number): Promise<Version> {
  const found = await repository.describeCommit(commit);
  if (!found.ok) return { id: commit, at: now };
  const { subject, author } = found.value;
  return { id: commit, at: now, subject, author };
}

/** A commit that somebody has asked for may not be here yet. null: it is. */
async function fetchOne(
  repository: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<Failure | null> {
  if (await repository.has(commit)) return null;
  const fetched = await repository.fetch({ ref: { commit }, since: null, allowRewrite: true, signal });
  return fetched.ok ? null : plainFailure(fetched.error);
}

function builtMessage({ files, build, warnings }: Release): string {
  const built =
    build === null ? '' : `, built in ${formatSpan(build.durationMs)} (${build.command.join(' ')})`;
  const warned = warnings.length === 0 ? '' : `; ${warnings.join('; ')}`;
  return `${files} ${files === 1 ? 'file' : 'files'}${built}${warned}`;
}

/** What a build can rely on, and what is declared for it. */
function buildEnvironment(
  declared: Readonly<Record<string, string>>,
  environment: SourcesContext['environment'],
): Readonly<Record<string, string>> {
  const base = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR'].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(base), ...declared };
}

/** Whether these paths are the same in two commits; what is not known is not the same. */
async function sameContent(
  repository: Repository,
  before: string,
  after: string,
  paths: readonly string[],
): Promise<boolean> {
  for (const path of paths) {
    const [one, other] = await Promise.all([
      repository.treeHash(before, path),
      repository.treeHash(after, path),
    ]);
    if (!one.ok || !other.ok || one.value !== other.value) return false;
  }
  return true;
}
