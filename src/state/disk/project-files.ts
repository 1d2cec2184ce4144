import { err, ok, type Result } from '../../lib/result.ts';
import type { Retention } from '../model/retention.ts';
import type { ProjectRecord, Revision } from '../model/types.ts';
import { removeStateFile, writeStateText } from './durable-file.ts';
import type { StateLayout } from './layout.ts';
import type { KnownFiles } from './known-files.ts';
import { printRecord } from './stored-specs.ts';
import { dropOldRevisions, removeRevision, writeRevision } from './revisions.ts';
import { writeProblem, type WriteProblem } from './state-failures.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** One project file to be written. */
export interface ProjectSave {
  readonly record: ProjectRecord;
  /** What its file holds now; undefined: there is none. */
  readonly before: ProjectRecord | undefined;
  /** The revisions that are not on disk yet, the last one made by the record; oldest first. */
  readonly revisions: readonly Revision[];
}

export interface SaveContext {
  readonly layout: StateLayout;
  readonly known: KnownFiles;
  readonly retention: () => Retention;
  readonly onError: (error: unknown) => void;
}

/**
 * Writes projects, all of them or none: when one cannot be written, those before it are put back. Fails with what was met
 * and with the records that stay written because they could not be put back either.
 */
export async function saveProjects(
  saves: readonly ProjectSave[],
  context: SaveContext,
): Promise<Result<void, { readonly problem: WriteProblem; readonly kept: readonly ProjectRecord[] }>> {
  const { layout, retention, onError } = context;
  const written: ProjectSave[] = [];
  for (const save of saves) {
    const problem = await saveProject(save, context);
    if (problem !== null) return err({ problem, kept: await putBack(written, context) });
    written.push(save);
  }
  for (const { record, revisions } of saves) {
    if (revisions.length === 0) continue;
    // Old revisions that stay a while longer harm nobody.
    const oldest = record.revision - retention().revisions + 1;
    await dropOldRevisions(layout.revisions, record.project, oldest).catch(onError);
  }
  return ok(undefined);
}

/** The revisions first: the project file is what makes them true. */
async function saveProject(
  { record, revisions }: ProjectSave,
  { layout, known }: SaveContext,
): Promise<WriteProblem | null> {
  const path = layout.projectFile(record.project);
  try {
    for (const revision of revisions) await writeRevision(layout.revisions, revision);
    failpoint('revision.written');
    known.note(path, await writeStateText(path, printRecord(record)));
    return null;
  } catch (error) {
    // What was not accepted must not be found as if it had been.
    for (const revision of revisions) await removeRevision(layout.revisions, revision).catch(() => undefined);
    return writeProblem(path, error);
  }
}

/** Returns the records that could not be put back. */
async function putBack(
  written: readonly ProjectSave[],
  { layout, known, onError }: SaveContext,
): Promise<readonly ProjectRecord[]> {
  const kept: ProjectRecord[] = [];
  for (const { record, before } of written) {
    const path = layout.projectFile(record.project);
    try {
      if (before !== undefined) known.note(path, await writeStateText(path, printRecord(before)));
      else {
        known.forget(path);
        await removeStateFile(path);
      }
    } catch (error) {
      onError(error);
      kept.push(record);
    }
  }
  return kept;
}
