import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCommitHash } from '../../lib/commit-hash.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { findProgram } from '../processes/find-program.ts';
import { runProgram } from '../processes/run-program.ts';
import { bringCaches, keepCaches } from './cache-folders.ts';
import { syncPath, syncTree, writeDurable } from './durable.ts';
import { endNoted } from './findable.ts';
import { findRelease, markerText } from './find-release.ts';
import { manifestText, walkTree } from './manifest.ts';
import type { Release, ReleaseBuild, ReleaseFailure, ReleaseRequest } from './model.ts';
import { inTurn } from '../processes/in-turn.ts';
import { commitPlaces, releasePlaces, type CommitPlaces, type ReleasePlaces } from './places.ts';
import { removeTree } from './remove-tree.ts';
import { runBuild } from './run-build.ts';

const CHMOD_MS = 5 * 60_000;

/**
 * Makes the release of a commit, or gives the one that is there. See MakeRelease.
 *
 *   nothing ──▶ exported ──▶ built ──▶ synced ──▶ marked: whole
 *      ▲            └──────────┴─────────┴─ failed, or the process has died: what is there does not count,
 *      └─────────────────────────────────── and is moved away at the next attempt
 *
 * The marker alone makes it a release. The tree has its name from the beginning, as what a build writes often holds it.
 */
export function makeRelease(request: ReleaseRequest): Promise<Result<Release, ReleaseFailure>> {
  return inTurn(request.dir, async () => {
    const known = await findRelease(request.dir, request.commit);
    if (known !== null) return ok(known);
    if (!isCommitHash(request.commit)) return err(notWritten('its name is not the hash of a commit'));
    const places = releasePlaces(request.dir);
    const of = commitPlaces(places, request.commit);
    try {
      const made = await make(request, places, of);
      // A release that does not count takes up space until it is tried again, which may be never.
      if (!made.ok) await removeTree(of.root).catch(() => undefined);
      return made;
    } catch (error) {
      await removeTree(of.root).catch(() => undefined);
      return err(notWritten(systemWords(error)));
    }
  });
}

async function make(
  request: ReleaseRequest,
  places: ReleasePlaces,
  of: CommitPlaces,
): Promise<Result<Release, ReleaseFailure>> {
  const { repository, commit, source, build, limits, clock, signal } = request;
  await prepare(places, of, commit);
  const exported = await repository.exportTo(commit, of.root, limits, signal);
  if (!exported.ok) return err({ ...exported.error, passing: exported.error.code !== 'RELEASE_UNSAFE' });
  failpoint('release.exported');
  const exportedAt = build === null ? Infinity : await newestTime(of);
  const warnings = [...exported.value.warnings];
  let built: ReleaseBuild | null = null;
  if (build !== null) {
    warnings.push(...(await bringCaches(places, of.root, build)));
    const result = await runBuild({ ...request, places, of }, build);
    if (!result.ok) return result;
    failpoint('release.built');
    warnings.push(...(await keepCaches(places, of.root, build)));
    built = { command: build.command, durationMs: result.value.durationMs, output: of.output };
  }
  const env = build?.env ?? { PATH: process.env['PATH'] ?? '' };
  await makeReadOnly(of.root, env);
  const ids = new Map(exported.value.entries.map((entry) => [entry.path, entry]));
  const walked = await walkTree(of.root, (path, size, mtimeMs) => {
    const entry = ids.get(path);
    return entry?.size === size && mtimeMs <= exportedAt ? entry.id : null;
  });
  await syncTree(of.root, walked, env);
  await syncPath(places.dir);
  await writeDurable(of.manifest, await manifestText(walked.lines));
  failpoint('release.synced');
  const release: Release = {
    ...{
      source,
      commit,
      root: of.root,
      madeAt: clock.now(),
      files: walked.lines.length,
      bytes: walked.bytes,
    },
    ...{ build: built, warnings },
  };
  await writeDurable(of.marker, markerText(release));
  failpoint('release.marked');
  return ok(release);
}

/** Nothing of an earlier attempt is used; what somebody may still run from is moved, not removed. */
async function prepare(places: ReleasePlaces, of: CommitPlaces, commit: string): Promise<void> {
  await makeFolder(places.own, 0o700);
  await endNoted(places.building);
  const left = join(places.own, `left-${commit}-${Date.now()}`);
  await rename(of.root, left).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  for (const name of await readdir(places.own)) {
    const [, known] = /^([0-9a-f]{40,64})\.(?:log|files|json\.tmp|files\.tmp)$/.exec(name) ?? [];
    if (known !== undefined && (await findRelease(places.dir, known)) === null) {
      await rm(join(places.own, name), { force: true });
    }
  }
  await mkdir(places.dir, { recursive: true });
}

/** When the last file was checked out: what is newer is of the build. */
async function newestTime(of: CommitPlaces): Promise<number> {
  const { lines } = await walkTree(of.root, () => null);
  return lines.reduce((newest, [, , mtimeMs]) => Math.max(newest, mtimeMs), 0);
}

/** Against slips of the finger: an editor warns. Files that are shared with other places by hard links are left alone. */
async function makeReadOnly(root: string, env: Readonly<Record<string, string>>): Promise<void> {
  const find = findProgram('find', env['PATH']);
  const chmod = findProgram('chmod', env['PATH']);
  if (find === null || chmod === null) return;
  const args = [root, '-type', 'f', '-links', '1', '-exec', chmod, 'a-w', '{}', '+'];
  await runProgram({ file: find, args, cwd: '/', env, totalMs: CHMOD_MS, maxOutput: 1024 });
}

function systemWords(error: unknown): string {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : errorMessage(error);
}

function notWritten(words: string): ReleaseFailure {
  return {
    code: 'RELEASE_FAILED',
    message: `cannot write the release: ${words}`,
    hint: 'free some space, or mend what the message says; it is tried again by itself',
    passing: true,
  };
}
