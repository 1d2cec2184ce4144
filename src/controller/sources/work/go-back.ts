import { shortCommit } from '../../../lib/commit-hash.ts';
import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';

/** Declares the projects of a failed version as they were with the last good one. Gives why it cannot; null: it did. */
export async function goBack(
  { spec, applied, lastGood }: SourceRecord,
  { store, apply }: Pick<SourcesContext, 'store' | 'apply'>,
): Promise<Failure | null> {
  if (applied === null || lastGood === null) return null;
  const projects: ProjectSpec[] = [];
  for (const project of Object.keys(applied.revisions)) {
    const number = lastGood.revisions[project];
    // One that came with the failed version has nothing to go back to.
    if (number === undefined) continue;
    const revision = await store.revision(project, number);
    if (!revision.ok) return revision.error;
    projects.push(revision.value.spec);
  }
  const request: ApplyRequest = {
    projects,
    prune: spec.prune,
    only: null,
    allowWipe: false,
    keepOrigin: true,
    basis: null,
    by: 'stateward',
    command: `source ${spec.name}: back to ${shortCommit(lastGood.id)}`,
    code: 'leave',
  };
  const applying = await apply(request);
  return applying.ok ? null : applying.error;
}
