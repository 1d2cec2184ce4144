import { shortCommit } from '../../lib/commit-hash.ts';
import type { Failure } from '../../lib/failure.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import { messageOf } from './failures.ts';
import {
  quarantine,
  release,
  withAttempt,
  withStage,
  type Applied,
  type Asked,
  type Attempt,
  type SourceRecord,
  type StageName,
  type Version,
} from './record.ts';

/** How a source changes by what happens to it. Pure. */

/** A version is about to be brought in: what later stages said was about another one. */
export function begun(
  record: SourceRecord,
  version: Version,
  { stages, now }: { readonly stages: readonly StageName[]; readonly now: number },
): SourceRecord {
  const isAgain = record.attempted?.id === version.id;
  const later = stages.filter((name) => name !== 'Fetched');
  const open = {
    status: 'Unknown',
    reason: 'Progressing',
    message: 'not reached yet',
    version: version.id,
  } as const;
  const next = isAgain ? record : later.reduce((at, name) => withStage(at, name, open, now), record);
  return { ...next, attempted: version };
}

/** A stage is passed. */
export function passed(
  record: SourceRecord,
  stage: StageName,
  { version, message, now }: { readonly version: string; readonly message: string; readonly now: number },
): SourceRecord {
  return withStage(record, stage, { status: 'True', reason: 'Succeeded', message, version }, now);
}

export interface TryOf {
  readonly version: Version;
  readonly by: string;
  readonly startedAt: number;
  /** What it was begun for; null: nobody had asked. */
  readonly asked: Asked | null;
}

/** Whoever has asked meanwhile is not answered by what was begun before. */
function stillAsked({ asked }: SourceRecord, tried: TryOf): Asked | null {
  return sameValue(asked, tried.asked) ? null : asked;
}

/** A version was refused at a stage, with no effect. It is quarantined unless the reason passes. */
export function refused(
  record: SourceRecord,
  tried: TryOf,
  why: {
    readonly stage: StageName;
    readonly failures: readonly [Failure, ...Failure[]];
    readonly passes: boolean;
    readonly now: number;
  },
): SourceRecord {
  const { stage, failures, passes, now } = why;
  const [first] = failures;
  const { id } = tried.version;
  const message = messageOf(failures);
  const at = withStage(
    record,
    stage,
    { status: 'False', reason: first.code, message, version: id, failures },
    now,
  );
  const held = passes ? at : quarantine(at, { id, stage, reason: first.code, message, at: now });
  return {
    ...withAttempt(held, { ...attemptOf(tried), endedAt: now, outcome: 'refused', stage, message }),
    asked: stillAsked(record, tried),
  };
}

/** A version was accepted; its apps are about to prove themselves. */
export function accepted(
  record: SourceRecord,
  tried: TryOf,
  what: {
    readonly revisions: Readonly<Record<string, number>>;
    readonly summary: string;
    readonly now: number;
  },
): SourceRecord {
  const { id } = tried.version;
  const { revisions, summary, now } = what;
  const synced = passed(record, 'Synced', { version: id, message: summary, now });
  const healthy = withStage(
    synced,
    'Healthy',
    {
      status: 'Unknown',
      reason: 'Progressing',
      message: 'its apps have not proven themselves yet',
      version: id,
    },
    now,
  );
  const attempt: Attempt = {
    ...attemptOf(tried),
    endedAt: null,
    outcome: 'applied',
    message: summary,
    revisions,
  };
  return {
    ...withAttempt(superseded(release(healthy, id), now), attempt),
    applied: { id, at: now, revisions, outcome: 'pending' },
    taken: tried.version,
    projects: Object.keys(revisions).sort(),
    asked: stillAsked(record, tried),
  };
}

/** A try whose apps had not proven themselves when something newer came. */
function superseded(record: SourceRecord, now: number): SourceRecord {
  const [newest] = record.history;
  if (newest?.outcome !== 'applied' || newest.endedAt !== null) return record;
  return withAttempt(record, { ...newest, endedAt: now, outcome: 'superseded' });
}

/** It is known what has come of the version that was accepted last. */
export function settled(
  record: SourceRecord,
  outcome: {
    readonly state: Exclude<Applied['outcome'], 'pending'>;
    readonly message: string | null;
    readonly takeBack?: true;
  },
  now: number,
): SourceRecord {
  const { applied, history } = record;
  if (applied === null) return record;
  const { id, revisions } = applied;
  const message = outcome.message ?? OUTCOMES[outcome.state].message;
  const { status, reason } = OUTCOMES[outcome.state];
  const next = withStage(record, 'Healthy', { status, reason, message, version: id }, now);
  const [newest] = history;
  const answered =
    newest?.id === id
      ? withAttempt(next, {
          ...newest,
          endedAt: now,
          outcome: outcome.state,
          ...(outcome.state === 'failed' && { stage: 'Healthy' as const, message }),
        })
      : next;
  const takeBack = outcome.takeBack === true ? { takeBack: true as const } : {};
  const known = { ...answered, applied: { ...applied, outcome: outcome.state, ...takeBack } };
  if (outcome.state === 'good') return { ...withAfter(known), lastGood: { id, at: now, revisions } };
  if (outcome.state !== 'failed') return known;
  return quarantine(known, { id, stage: 'Healthy', reason: 'ROLLOUT_FAILED', message, at: now });
}

function withAfter(record: SourceRecord): SourceRecord {
  const { spec, applied } = record;
  if (applied === null || spec.from.kind !== 'git' || spec.from.hooks.after_apply === undefined)
    return record;
  return { ...record, applied: { ...applied, afterIsDue: true } };
}

/** The command after a good version has ended. */
export function told(record: SourceRecord): SourceRecord {
  if (record.applied?.afterIsDue !== true) return record;
  const { afterIsDue: _, ...applied } = record.applied;
  return { ...record, applied };
}

/** What a failed version has declared is as it was with the last good one, or cannot be: it is tried once. */
export function wentBack(record: SourceRecord, failure: Failure | null, now: number): SourceRecord {
  const { applied, lastGood, stages } = record;
  if (applied === null) return record;
  const how =
    failure === null
      ? `back on ${shortCommit(lastGood?.id ?? '')}`
      : `the way back failed: ${failure.message}`;
  const healthy = stages.Healthy ?? { ...OUTCOMES.failed, version: applied.id };
  const message = `${healthy.message}; ${how}`;
  return {
    ...withStage(record, 'Healthy', { ...healthy, message }, now),
    applied: { ...applied, wentBack: true },
  };
}

export const PENDING = {
  status: 'Unknown',
  reason: 'Progressing',
  message: 'its apps have not proven themselves yet',
} as const;

export const OUTCOMES = {
  good: { status: 'True', reason: 'Succeeded', message: 'every app has proven itself' },
  failed: { status: 'False', reason: 'ROLLOUT_FAILED', message: 'an app has failed' },
  superseded: { status: 'Unknown', reason: 'Superseded', message: 'something else was declared since' },
} as const;

function attemptOf({
  version: { id, subject },
  by,
  startedAt,
}: TryOf): Pick<Attempt, 'id' | 'subject' | 'startedAt' | 'by'> {
  return { id, startedAt, by, ...(subject !== undefined && { subject }) };
}
