import type { RevisionDetail, RevisionInfo } from '../../api/contract/wire/revisions.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { FailureError } from '../../lib/failure.ts';
import type { OfflineApi } from '../session/api.ts';
import { unwrap } from '../session/failures.ts';
import { subjectName } from './revision-subject.ts';
import type { RevisionSubject } from './revision-subject.ts';
import { revisionAmong } from './revisions.ts';

/** Where a rollback starts, and where it goes. */
export interface RollbackTarget {
  readonly from: Pick<RevisionInfo, 'revision'>;
  readonly to: RevisionDetail;
}

/**
 * The revision to go back to: `given`, else the one that the daemon would choose. Throws NOT_FOUND where there is none, with
 * those that are kept.
 */
export async function rollbackTarget(
  subject: RevisionSubject,
  given: number | undefined,
  api: OfflineApi,
): Promise<RollbackTarget> {
  const { project } = subject;
  const app = subject.app === null ? null : splitAppKey(subject.app).name;
  const detail = async (revision: number): Promise<RevisionDetail> =>
    unwrap(await api.revision({ project, revision }));
  if (given === undefined) {
    const { from, to } = unwrap(await api.goingBack({ project, app }));
    return { from: { revision: from }, to: await detail(to) };
  }
  const { items } = unwrap(await api.revisions({ project }));
  const [newest] = items;
  if (newest === undefined) {
    throw new FailureError({ code: 'NOT_FOUND', message: `project ${project} has no revision` });
  }
  const { revision } = revisionAmong(items, given, `project ${project}`);
  const to = await detail(revision);
  if (app === null || to.spec.apps.some(({ name }) => name === app)) return { from: newest, to };
  throw new FailureError({
    code: 'NOT_FOUND',
    message: `revision ${revision} has no ${subjectName(subject)}`,
    hint: `stateward history ${subjectName(subject)} shows the revisions that changed it`,
  });
}
