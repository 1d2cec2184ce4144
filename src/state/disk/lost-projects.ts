import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { templateHash } from '../../spec/hash.ts';
import { reduce } from '../desired/reducer.ts';
import type { ProjectRecord, Revision } from '../model/types.ts';
import { listStateFiles } from './durable-file.ts';
import type { StateLayout } from './layout.ts';
import { readVersion } from './read-version.ts';
import { completeRevision, isRevisionOf } from './revisions.ts';

/** A project whose file is gone, as its newest revision declares it. */
export interface LostProject {
  readonly record: ProjectRecord;
  /** What was done, for people. */
  readonly notice: string;
}

/**
 * Projects of which only the revisions are left: their files were removed, both versions of each. "Nothing is desired" would
 * be the worst reading of that. What was stopped or scaled by hand is not known any more.
 */
export async function lostProjects(
  layout: StateLayout,
  known: ReadonlyMap<string, ProjectRecord>,
): Promise<readonly LostProject[]> {
  const files = new Set([...known.keys()].map((project) => layout.projectFile(project)));
  const folders = await readdir(layout.revisions, { withFileTypes: true }).catch(() => []);
  const lost: LostProject[] = [];
  for (const folder of folders) {
    if (!folder.isDirectory() || files.has(join(layout.projects, `${folder.name}.json`))) continue;
    const newest = await newestRevision(join(layout.revisions, folder.name));
    if (newest !== null && !known.has(newest.project)) lost.push(restored(newest, layout));
  }
  return lost;
}

async function newestRevision(folder: string): Promise<Revision | null> {
  let newest: Revision | null = null;
  for (const path of await listStateFiles(folder)) {
    const version = await readVersion(path, (data) => isRevisionOf(data));
    if (version.kind !== 'data') continue;
    const revision = completeRevision(version.data as Revision);
    if (newest === null || revision.revision > newest.revision) newest = revision;
  }
  return newest;
}

function restored({ project, revision, spec, at }: Revision, layout: StateLayout): LostProject {
  const templateHashes = Object.fromEntries(spec.apps.map((app) => [app.name, templateHash(app)]));
  const accepted = reduce(new Map(), { kind: 'project-accepted', spec, templateHashes, prune: true, at });
  const record = accepted.get(project) ?? {
    project,
    source: spec.source,
    revision,
    lastGeneration: 0,
    apps: {},
  };
  const apps = Object.entries(record.apps).map(([name, app]) => [name, { ...app, revision }] as const);
  return {
    record: { ...record, revision, apps: Object.fromEntries(apps) },
    notice: `${layout.projectFile(project)} is gone: ${project} is taken as revision ${revision} declares it; what was stopped or scaled by hand is not known any more`,
  };
}
