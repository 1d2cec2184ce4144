import { shortCommit } from '../../../lib/commit-hash.ts';
import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import { wentBack } from '../../../sources/model/transitions.ts';
import type { SourcesContext } from '../context.ts';
import { tell } from '../tell.ts';
import type { Hands } from './hands.ts';

/** Takes the projects of a failed version back to the last good one, and takes note of it. */
export async function takeBack({
  context,
  record,
  set,
}: Pick<Hands, 'context' | 'record' | 'set'>): Promise<void> {
  const failure = await goBack(record(), context);
  await set((at) => wentBack(at, failure, context.clock.now()));
  const how = failure === null ? 'its projects are as they were with the last good one' : failure.message;
  tell(context, record(), 'SourceWentBack', how);
}

/** Declares the projects of a failed version as they were with the last good one. Gives why it cannot; null: it did. */
async function goBack(
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
