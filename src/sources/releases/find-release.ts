import { readdir, readFile, stat } from 'node:fs/promises';
import { isObject } from '../../lib/checks.ts';
import { isCommitHash } from '../../lib/commit-hash.ts';
import { editedFiles } from './manifest.ts';
import type { EditedFile, EditedRelease, Release, ReleaseBuild } from './model.ts';
import { commitPlaces, releasePlaces } from './places.ts';

/** The form of a marker. */
const FORMAT = 1;

/** The release of a commit; null: there is none, or not a whole one. */
export async function findRelease(dir: string, commit: string): Promise<Release | null> {
  if (!isCommitHash(commit)) return null;
  const { marker, root } = commitPlaces(releasePlaces(dir), commit);
  try {
    const release = readMarker(JSON.parse(await readFile(marker, 'utf8')), root);
    return release?.commit === commit && (await stat(root)).isDirectory() ? release : null;
  } catch {
    return null;
  }
}

/** All whole releases, the newest first. */
export async function listReleases(dir: string): Promise<readonly Release[]> {
  const names = await readdir(dir).catch(() => []);
  const found = await Promise.all(names.map((name) => findRelease(dir, name)));
  return found
    .filter((release) => release !== null)
    .sort((a, b) => b.madeAt - a.madeAt || (a.commit < b.commit ? -1 : 1));
}

/** Files that are not as they were when the release was made, at most 100; new ones do not count. */
export async function editedByHand({ root, commit }: Release): Promise<readonly EditedFile[]> {
  const { manifest } = commitPlaces(releasePlaces(root.slice(0, -commit.length - 1)), commit);
  return editedFiles(root, manifest);
}

/** See EditedReleases. */
export async function editedReleases(
  dir: string,
  commits: Iterable<string>,
): Promise<readonly EditedRelease[]> {
  const edited: EditedRelease[] = [];
  for (const commit of commits) {
    const release = await findRelease(dir, commit);
    const files = release === null ? [] : await editedByHand(release);
    if (files.length > 0) edited.push({ commit, files });
  }
  return edited;
}

export function markerText({ root: _, ...release }: Release): string {
  return `${JSON.stringify({ format: FORMAT, ...release })}\n`;
}

function readMarker(data: unknown, root: string): Release | null {
  if (!isObject(data) || data.format !== FORMAT) return null;
  const { source, commit, madeAt, files, bytes, build, warnings } = data;
  if (typeof source !== 'string' || typeof commit !== 'string') return null;
  if (typeof madeAt !== 'number' || typeof files !== 'number' || typeof bytes !== 'number') return null;
  return {
    ...{ source, commit, root, madeAt, files, bytes },
    build: readBuild(build),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
}

function readBuild(build: unknown): ReleaseBuild | null {
  if (!isObject(build)) return null;
  const { command, durationMs, output } = build;
  return {
    command: Array.isArray(command) ? command.map(String) : [],
    durationMs: typeof durationMs === 'number' ? durationMs : 0,
    output: typeof output === 'string' ? output : '',
  };
}
