import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { completeProject, sparseProject } from '../../spec/defaults.ts';
import { listStateFiles, removeStateFile, writeStateFile } from './durable-file.ts';
import { safeFileName } from './file-name.ts';
import { readVersion } from './read-version.ts';
import type { Revision } from '../model/types.ts';

/**
 * Writes a revision, before the project file that makes it true. One that a crash left behind without that is
 * overwritten by the next of its number.
 */
export async function writeRevision(folder: string, revision: Revision): Promise<void> {
  const projectFolder = join(folder, safeFileName(revision.project));
  await mkdir(projectFolder, { recursive: true, mode: 0o700 });
  const path = revisionPath(folder, revision.project, revision.revision);
  await removeStateFile(path);
  await writeStateFile(path, { ...revision, spec: sparseProject(revision.spec) });
}

/** Takes back what was written of a revision that has not become true. */
export async function removeRevision(folder: string, { project, revision }: Revision): Promise<void> {
  await removeStateFile(revisionPath(folder, project, revision));
}

/**
 * Copies the kept revisions of a project to the project that takes its place, under the same numbers; what cannot be
 * read stays behind.
 */
export async function copyRevisions(
  folder: string,
  {
    from,
    to,
    newest,
    names,
  }: {
    readonly from: string;
    readonly to: string;
    readonly newest: number;
    /** What an app is called now. */
    readonly names: (key: AppKey) => AppKey;
  },
): Promise<void> {
  for (const revision of await readRevisions(folder, from, newest)) {
    const apps = revision.spec.apps.map((spec) => ({
      ...spec,
      name: splitAppKey(names(appKey(from, spec.name))).name,
    }));
    const changes = revision.changes.map((change) => ({ ...change, app: names(change.app) }));
    await writeRevision(folder, {
      ...revision,
      project: to,
      changes,
      spec: { ...revision.spec, project: to, apps },
    });
  }
}

/** Removes what is older than the oldest that is kept. */
export async function dropOldRevisions(folder: string, project: string, oldest: number): Promise<void> {
  for (const path of await listStateFiles(join(folder, safeFileName(project)))) {
    if (Number(basename(path, '.json')) < oldest) await rm(path, { force: true });
  }
}

/** The kept revisions up to `newest`, newest first. One that cannot be read is left out. */
export async function readRevisions(
  folder: string,
  project: string,
  newest: number,
): Promise<readonly Revision[]> {
  const numbers = (await listStateFiles(join(folder, safeFileName(project))))
    .map((path) => Number(basename(path, '.json')))
    .filter((number) => Number.isInteger(number) && number <= newest)
    .sort((a, b) => b - a);
  const revisions: Revision[] = [];
  for (const number of numbers) {
    const read = await readRevision(folder, project, number);
    if (read.ok) revisions.push(read.value);
  }
  return revisions;
}

/** One revision; NOT_FOUND when it is not kept, STATE_UNREADABLE when its file is damaged. */
export async function readRevision(
  folder: string,
  project: string,
  revision: number,
): Promise<Result<Revision, Failure>> {
  const path = revisionPath(folder, project, revision);
  const version = await readVersion(path, (data) => isRevisionOf(data, project));
  switch (version.kind) {
    case 'data':
      return ok(completeRevision(version.data as Revision));
    case 'missing':
      return err({
        code: 'NOT_FOUND',
        message: `cannot find revision ${revision} of ${project}`,
        hint: `stateward history ${project} shows those that are kept, and limits.revisions in config.yaml says how many that are`,
      });
    default: {
      const why = version.kind === 'newer' ? 'a newer stateward wrote it' : version.message;
      return err({
        code: 'STATE_UNREADABLE',
        message: `cannot read revision ${revision} of ${project}: ${path}: ${why}`,
        hint: `the other revisions are not affected: stateward history ${project}`,
      });
    }
  }
}

/** Whether data is a revision; of this project, where one is named. */
export function isRevisionOf(data: unknown, project?: string): boolean {
  const revision = data as Partial<Revision> | null;
  return (
    typeof revision?.project === 'string' &&
    (project ?? revision.project) === revision.project &&
    Array.isArray(revision.spec?.apps)
  );
}

export function completeRevision(revision: Revision): Revision {
  return { ...revision, spec: completeProject(revision.spec) };
}

function revisionPath(folder: string, project: string, revision: number): string {
  return join(folder, safeFileName(project), `${revision}.json`);
}
