import type { Failure } from '../../lib/failure.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import { STAGES, withAttempt, withStage, type Attempt, type SourceRecord, type Version } from './record.ts';
import { OUTCOMES, passed, PENDING } from './transitions.ts';

/** How a source changes by being looked at. Pure. */

/** It was looked at, and this is the newest version. */
export function fetched(record: SourceRecord, version: Version, now: number): SourceRecord {
  const isKnown = sameValue(record.head, version) && record.stages.Fetched?.status === 'True';
  // Who asks for a version that has failed wants it tried again.
  const { applied } = record;
  const isThere = applied?.id === version.id && applied.outcome !== 'failed';
  const isNothingNew = isThere && record.asked?.version === null;
  const answered = isNothingNew ? { ...record, asked: null } : record;
  if (isKnown) return answered;
  const message = version.subject ?? `seen at ${new Date(version.at).toISOString()}`;
  const stage = { status: 'True', reason: 'Succeeded', message, version: version.id } as const;
  const next = withStage({ ...withTag(answered, version), head: version }, 'Fetched', stage, now);
  return withApplied(next, version, now);
}

/** Of the same commit under another tag: what was taken is called so from now on, and a signature of the tag counts anew. */
function withTag(record: SourceRecord, version: Version): SourceRecord {
  const { head, taken, quarantined } = record;
  if (head?.id !== version.id || sameValue(head.tag, version.tag)) return record;
  return {
    ...record,
    taken: taken?.id === version.id ? version : taken,
    quarantined: quarantined.filter(({ id, stage }) => id !== version.id || stage !== 'Verified'),
  };
}

/** What is newest is what is applied, again: what later stages said of another version is over. */
function withApplied(record: SourceRecord, version: Version, now: number): SourceRecord {
  const { applied, attempted, stages } = record;
  if (applied?.id !== version.id || attempted?.id === version.id) return record;
  const known = STAGES.filter(
    (name) => name !== 'Fetched' && name !== 'Healthy' && stages[name] !== undefined,
  );
  const back = known.reduce(
    (at, name) => passed(at, name, { version: version.id, message: 'as it was applied', now }),
    record,
  );
  const { outcome } = applied;
  const healthy = outcome === 'pending' ? PENDING : OUTCOMES[outcome];
  return { ...withStage(back, 'Healthy', { ...healthy, version: version.id }, now), attempted: version };
}

/** It could not be looked at. What runs is not touched; whoever has asked for the newest is answered. */
export function unfetched(record: SourceRecord, failure: Failure, now: number): SourceRecord {
  const { head, asked } = record;
  const stage = {
    status: 'False',
    reason: failure.code,
    message: failure.message,
    version: head?.id ?? null,
    failures: [failure],
  } as const;
  const next = withStage(record, 'Fetched', stage, now);
  // Another one may be here already.
  if (asked === null || asked.version !== null) return next;
  const attempt: Attempt = {
    id: head?.id ?? '',
    startedAt: asked.at,
    endedAt: now,
    outcome: 'refused',
    stage: 'Fetched',
    message: failure.message,
    by: asked.by,
  };
  return { ...withAttempt(next, attempt), asked: null };
}
