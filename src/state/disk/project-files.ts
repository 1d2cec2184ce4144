import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProjectRecord, Revision } from '../model/types.ts';
import { removeStateFile, writeStateFile } from './durable-file.ts';
import type { StateLayout } from './layout.ts';
import { dropOldRevisions, writeRevision } from './revisions.ts';
import { writeFailure } from './state-failures.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** One project file to be written. */
export interface ProjectSave {
  readonly record: ProjectRecord;
  /** What its file holds now; undefined: there is none. */
  readonly before: ProjectRecord | undefined;
  /** The revision that the record makes; null: it makes none. */
  readonly revision: Revision | null;
}

/**
 * Writes projects, all of them or none: when one cannot be written, those before it are put back. Fails with the failure
 * and with the records that stay written because they could not be put back either.
 */
export async function saveProjects(
  saves: readonly ProjectSave[],
  layout: StateLayout,
  onError: (error: unknown) => void,
): Promise<Result<void, { readonly failure: Failure; readonly kept: readonly ProjectRecord[] }>> {
  const written: ProjectSave[] = [];
  for (const save of saves) {
    const failure = await saveProject(save, layout);
    if (failure !== null) return err({ failure, kept: await putBack(written, layout, onError) });
    written.push(save);
  }
  for (const { record, revision } of saves) {
    if (revision === null) continue;
    // Old revisions that stay a while longer harm nobody.
    await dropOldRevisions(layout.revisions, record.project, record.revision).catch(onError);
  }
  return ok(undefined);
}

/** The revision first: the project file is what makes it true. */
async function saveProject({ record, revision }: ProjectSave, layout: StateLayout): Promise<Failure | null> {
  const path = layout.projectFile(record.project);
  try {
    if (revision !== null) await writeRevision(layout.revisions, revision);
    failpoint('revision.written');
    await writeStateFile(path, record);
    return null;
  } catch (error) {
    return writeFailure(path, error);
  }
}

/** Returns the records that could not be put back. */
async function putBack(
  written: readonly ProjectSave[],
  layout: StateLayout,
  onError: (error: unknown) => void,
): Promise<readonly ProjectRecord[]> {
  const kept: ProjectRecord[] = [];
  for (const { record, before } of written) {
    const path = layout.projectFile(record.project);
    try {
      await (before === undefined ? removeStateFile(path) : writeStateFile(path, before));
    } catch (error) {
      onError(error);
      kept.push(record);
    }
  }
  return kept;
}
