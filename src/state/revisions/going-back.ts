import { appKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { Revision } from '../model/types.ts';
import type { RevisionResult } from '../desired/revision-outcomes.ts';

/** What goes back: an app of a project by its name, or (null) the whole project. */
export interface GoingBackSubject {
  readonly project: string;
  readonly app: string | null;
}

/** A kept revision, as far as the choice looks at it. */
interface Kept extends Pick<Revision, 'revision' | 'spec'> {
  /** What came of it; null, or absent: nobody knows any more. */
  readonly outcome?: Pick<RevisionResult, 'state'> | null;
}

/** The present revision, and the one to go back to. */
export interface GoingBack {
  readonly from: number;
  readonly to: number;
}

/**
 * Where a roll back goes that names no revision: to the newest before the present one that declares something else for the
 * subject and has proven itself. One that failed, or was replaced before it had proven itself, is passed over. NOT_FOUND
 * where there is none, with why in plain words. `kept`: newest first.
 */
export function whereToGoBack(subject: GoingBackSubject, kept: readonly Kept[]): Result<GoingBack, Failure> {
  const [present, ...older] = kept;
  if (present === undefined) {
    return err({ code: 'NOT_FOUND', message: `project ${subject.project} has no revision` });
  }
  const others = older.filter((one) => declares(one, subject) && !isSame(present, one, subject));
  const to = others.find(isProven);
  if (to !== undefined) return ok({ from: present.revision, to: to.revision });
  return err(nothingBefore(subject, present, { isOnly: older.length === 0, failed: others[0] }));
}

function isProven({ outcome }: Kept): boolean {
  return outcome?.state !== 'failed' && outcome?.state !== 'superseded';
}

function declares(revision: Kept, subject: GoingBackSubject): boolean {
  return subject.app === null || specsOf(revision, subject).length > 0;
}

function isSame(one: Kept, other: Kept, subject: GoingBackSubject): boolean {
  return sameValue(specsOf(one, subject), specsOf(other, subject));
}

/** What a revision declares of the subject, in an order that says nothing. */
function specsOf({ spec }: Kept, { app }: GoingBackSubject): readonly AppSpec[] {
  const apps = app === null ? spec.apps : spec.apps.filter(({ name }) => name === app);
  return apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether there is no earlier one, none that differs, or none that came up well. */
function nothingBefore(
  { project, app }: GoingBackSubject,
  { spec }: Kept,
  { isOnly, failed }: { readonly isOnly: boolean; readonly failed: Kept | undefined },
): Failure {
  const name = app === null ? `project ${project}` : appKey(project, app);
  const why = isOnly
    ? `${name} has one revision only`
    : failed === undefined
      ? `every earlier revision declares ${name} as it is now`
      : `no earlier revision of ${name} came up well`;
  // With a slash where an app has the name of its project, as `history` takes it.
  const ofProject = spec.apps.some((one) => one.name === project) ? `${project}/` : project;
  const history = `stateward history ${app === null ? ofProject : name}`;
  return {
    code: 'NOT_FOUND',
    message: `there is nothing to go back to: ${why}`,
    hint:
      failed === undefined
        ? `${history} lists what is kept`
        : `${history} lists them; --to ${failed.revision} goes there all the same`,
  };
}
