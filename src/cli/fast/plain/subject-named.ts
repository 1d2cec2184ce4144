import { findSubject, type RevisionSubject } from '../../revisions/revision-subject.ts';
import type { OfflineApi } from '../../session/api.ts';

/** Stands in for `revisions/subject-named.ts`, which looks further where the daemon alone cannot tell what is meant. */
export function subjectNamed(given: string, { api }: { readonly api: OfflineApi }): Promise<RevisionSubject> {
  return findSubject(given, api);
}
