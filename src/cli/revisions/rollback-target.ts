import type { RevisionDetail, RevisionInfo } from '../../api/contract/wire/revisions.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { FailureError } from '../../lib/failure.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { OfflineApi } from '../session/api.ts';
import { unwrap } from '../session/failures.ts';
import { subjectName } from './revision-subject.ts';
import type { RevisionSubject } from './revision-subject.ts';
import { revisionAmong } from './revisions.ts';

/** Where a rollback starts, and where it goes. */
export interface RollbackTarget {
  readonly from: RevisionInfo;
  readonly to: RevisionDetail;
}

/**
 * The revision to go back to: `given`, else the newest before the present one that declares something else for the
 * subject and has proven itself. Throws NOT_FOUND where there is none, with those that are kept.
 */
export async function rollbackTarget(
  subject: RevisionSubject,
  given: number | undefined,
  api: OfflineApi,
): Promise<RollbackTarget> {
  const { items } = unwrap(await api.revisions({ project: subject.project }));
  const detail = async ({ revision }: RevisionInfo): Promise<RevisionDetail> =>
    unwrap(await api.revision({ project: subject.project, revision }));
  const [newest, ...older] = items;
  if (newest === undefined) throw noRevision(subject);
  const present = await detail(newest);
  if (given !== undefined) {
    const to = await detail(revisionAmong(items, given, `project ${subject.project}`));
    if (declares(to, subject)) return { from: newest, to };
    throw notDeclared(subject, present, to);
  }
  for (const candidate of older.filter(isProven)) {
    const to = await detail(candidate);
    if (declares(to, subject) && !isSame(present, to, subject)) return { from: newest, to };
  }
  throw await nothingBefore(
    subject,
    present,
    older.map((one) => () => detail(one)),
  );
}

/** A rollback without a number skips revisions that failed, or were replaced before they had proven themselves. */
function isProven({ outcome }: RevisionInfo): boolean {
  return outcome?.state !== 'failed' && outcome?.state !== 'superseded';
}

function declares(revision: RevisionDetail, subject: RevisionSubject): boolean {
  return subject.app === null || specsOf(revision, subject).length > 0;
}

function isSame(one: RevisionDetail, other: RevisionDetail, subject: RevisionSubject): boolean {
  return sameValue(specsOf(one, subject), specsOf(other, subject));
}

/** What a revision declares of the subject, in an order that says nothing. */
function specsOf({ spec }: RevisionDetail, { app }: RevisionSubject): readonly AppSpec[] {
  const apps = app === null ? spec.apps : spec.apps.filter(({ name }) => name === splitAppKey(app).name);
  return apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function notDeclared(
  subject: RevisionSubject,
  present: RevisionDetail,
  { revision }: RevisionInfo,
): FailureError {
  return new FailureError({
    code: 'NOT_FOUND',
    message: `revision ${revision} has no ${subjectName(subject)}`,
    hint: `stateward history ${historyName(subject, present)} shows the revisions that changed it`,
  });
}

function noRevision({ project }: RevisionSubject): FailureError {
  return new FailureError({ code: 'NOT_FOUND', message: `project ${project} has no revision` });
}

/** In plain words: whether there is no earlier one, none that differs, or none that came up well. */
async function nothingBefore(
  subject: RevisionSubject,
  present: RevisionDetail,
  others: readonly (() => Promise<RevisionDetail>)[],
): Promise<FailureError> {
  const differing: number[] = [];
  for (const read of others) {
    const revision = await read();
    if (declares(revision, subject) && !isSame(present, revision, subject)) differing.push(revision.revision);
  }
  const [first] = differing;
  const name = subjectName(subject);
  const why =
    others.length === 0
      ? `${name} has one revision only`
      : first === undefined
        ? `every earlier revision declares ${name} as it is now`
        : `no earlier revision of ${name} came up well`;
  const history = `stateward history ${historyName(subject, present)}`;
  return new FailureError({
    code: 'NOT_FOUND',
    message: `there is nothing to go back to: ${why}`,
    hint:
      first === undefined
        ? `${history} lists what is kept`
        : `${history} lists them; --to ${first} goes there all the same`,
  });
}

/** As `history` takes it: with a slash where an app has the name of its project. */
function historyName({ project, app }: RevisionSubject, { spec }: RevisionDetail): string {
  if (app !== null) return app;
  return spec.apps.some(({ name }) => name === project) ? `${project}/` : project;
}
