import type { PlanSummary } from '../plan/types.ts';
import { projectHash } from '../spec/hash.ts';
import { projectSpecOf } from './desired.ts';
import type { ProjectRecord, Revision, RevisionMeta } from './types.ts';

const NO_SUMMARY: PlanSummary = {
  create: 0,
  scale: 0,
  live: 0,
  roll: 0,
  start: 0,
  stop: 0,
  restart: 0,
  remove: 0,
  unchanged: 0,
  processesTouched: 0,
  processesUntouched: 0,
};

/** What is kept of a project as it is now. Without `meta` nobody is named and nothing is counted. */
export function revisionOf(record: ProjectRecord, at: number, meta: RevisionMeta | undefined): Revision {
  const spec = projectSpecOf(record);
  return {
    project: record.project,
    revision: record.revision,
    hash: projectHash(spec),
    at,
    by: meta?.by ?? '',
    command: meta?.command ?? '',
    summary: meta?.summary ?? NO_SUMMARY,
    changes: meta?.changes ?? [],
    spec,
  };
}
