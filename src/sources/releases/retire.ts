import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCommitHash } from '../../lib/commit-hash.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import { syncPath } from './durable.ts';
import { endNoted } from './findable.ts';
import { findRelease, listReleases } from './find-release.ts';
import type { RetireRequest } from './model.ts';
import { inTurn } from '../processes/in-turn.ts';
import { commitPlaces, releasePlaces, type ReleasePlaces } from './places.ts';
import { removeTree } from './remove-tree.ts';

/** Removes old releases, and what attempts have left. See Retire. */
export function retire(request: RetireRequest): Promise<readonly string[]> {
  return inTurn(request.dir, async () => {
    const places = releasePlaces(request.dir);
    await endNoted(places.building);
    const gone: string[] = [];
    const { bad = new Set() } = request;
    const releases = await listReleases(request.dir);
    const kept = releases.filter(({ commit }) => !bad.has(commit)).slice(0, Math.max(0, request.keep));
    for (const { commit } of releases.filter((release) => !kept.includes(release))) {
      if (request.inUse.has(commit)) continue;
      if (await removeRelease(places, commit)) gone.push(commit);
    }
    await removeLeft(places, request);
    return gone;
  });
}

/** The marker goes first: half a release is none. */
async function removeRelease(places: ReleasePlaces, commit: string): Promise<boolean> {
  const { root, marker, manifest, output } = commitPlaces(places, commit);
  try {
    await rm(marker, { force: true });
    await syncPath(places.own);
    failpoint('release.retired');
    await removeTree(root);
    await rm(manifest, { force: true });
    await rm(output, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** Trees that are no releases: of attempts that died, and of removals that did not come to their end. */
async function removeLeft(places: ReleasePlaces, { dir, inUse }: RetireRequest): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    if (!isCommitHash(name) || inUse.has(name) || (await findRelease(dir, name)) !== null) continue;
    await removeTree(join(dir, name)).catch(() => undefined);
  }
  for (const name of await readdir(places.own).catch(() => [])) {
    const [, commit] = /^left-([0-9a-f]+)-\d+$/.exec(name) ?? [];
    if (commit === undefined || inUse.has(commit)) continue;
    await removeTree(join(places.own, name)).catch(() => undefined);
  }
}
