import { NO_CHANGES } from '../../plan/summary.ts';
import type { Pieces } from '../../lib/turns/pieces.ts';
import { projectHash } from '../../spec/hash.ts';
import { projectSpecOf } from './desired.ts';
import type { ProjectRecord, Revision, RevisionMeta } from '../model/types.ts';

/** The project as it is now, as a revision keeps it. Without `meta` it names nobody and counts nothing. */
export function* revisionOf(
  record: ProjectRecord,
  at: number,
  meta: RevisionMeta | undefined,
): Pieces<Revision> {
  const spec = projectSpecOf(record);
  return {
    project: record.project,
    revision: record.revision,
    hash: yield* projectHash(spec),
    at,
    by: meta?.by ?? '',
    command: meta?.command ?? '',
    ...(meta?.commit !== undefined && { commit: meta.commit }),
    summary: meta?.summary ?? NO_CHANGES,
    changes: meta?.changes ?? [],
    spec,
  };
}
