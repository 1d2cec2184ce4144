import type { Failure } from '../../lib/failure.ts';
import type { FetchedTag } from '../git/model.ts';
import type { HostWord } from './host-word.ts';
import type { SourceSpec } from './source.ts';

/** What a version of a source goes through, in this order. */
export const STAGES = ['Fetched', 'Verified', 'Built', 'Valid', 'Synced', 'Healthy'] as const;
export type StageName = (typeof STAGES)[number];

/** Where a version stands at one stage. Times are epoch milliseconds. */
export interface Stage {
  readonly status: 'True' | 'False' | 'Unknown';
  /** The code of a failure, or a word of its own: `Succeeded`, `Progressing`. */
  readonly reason: string;
  readonly message: string;
  /** Since when the status is what it is. */
  readonly since: number;
  /** Which version it is about; null: none is known yet. */
  readonly version: string | null;
  /** What is wrong, in full. Absent: nothing. */
  readonly failures?: readonly Failure[];
}

/** One state of a source: a commit, or the contents of a followed file. */
export interface Version {
  /** The commit in full; of a followed file a hash over what it and the files that it names hold. */
  readonly id: string;
  /** When it was seen first. */
  readonly at: number;
  /** First line of the message of the commit. */
  readonly subject?: string;
  readonly author?: string;
  /** Of a git source that follows tags. */
  readonly tag?: FetchedTag;
}

/** A version that is not tried again by itself. */
export interface Quarantined {
  readonly id: string;
  readonly stage: StageName;
  readonly reason: string;
  readonly message: string;
  readonly at: number;
}

/** The version that was accepted last. */
export interface Applied {
  readonly id: string;
  readonly at: number;
  /** The revision of each project with it. */
  readonly revisions: Readonly<Record<string, number>>;
  /** `superseded`: somebody has declared something else since. */
  readonly outcome: 'pending' | 'good' | 'failed' | 'superseded';
  /** It is good, and the command that runs after that (`after_apply`) has not ended yet. */
  readonly afterIsDue?: true;
  /** Its projects are to be taken back to the last good version, whatever the source says of apps that fail. */
  readonly takeBack?: true;
  /** They were, or could not be. */
  readonly wentBack?: true;
}

/** What was good last: every app had proven itself. */
export interface Good {
  readonly id: string;
  readonly at: number;
  readonly revisions: Readonly<Record<string, number>>;
}

/** One try to bring a version in. */
export interface Attempt {
  readonly id: string;
  readonly subject?: string;
  readonly startedAt: number;
  /** null: it goes on. */
  readonly endedAt: number | null;
  /**
   * `applied`: accepted, and its apps are about to prove themselves. `refused`: it changed nothing. `failed`: it was
   * accepted, and an app of it has failed.
   */
  readonly outcome: 'applied' | 'good' | 'refused' | 'failed' | 'superseded';
  /** Where it was refused or has failed. */
  readonly stage?: StageName;
  readonly message: string;
  readonly by: string;
  readonly revisions?: Readonly<Record<string, number>>;
}

/** Somebody wants a version in: the newest, or this one. */
export interface Asked {
  readonly by: string;
  readonly at: number;
  /** null: the newest. */
  readonly version: string | null;
  /** As with `apply`: what a guard would refuse is meant. */
  readonly allowWipe?: true;
  readonly takeOver?: true;
}

export interface Suspended {
  readonly by: string;
  readonly at: number;
  readonly reason: string | null;
}

/** What people had made otherwise was taken back, or could not be. */
export interface Healed {
  readonly at: number;
  /** How often in a row, without a long time between. */
  readonly times: number;
  /** Why it could not be taken back; absent: it was. */
  readonly failure?: string;
}

/** What the host that goes first says of a version. */
export interface Heard {
  readonly version: string;
  /** null: nothing yet. */
  readonly word: HostWord | null;
  /** It has said nothing for too long, and that was told. */
  readonly late?: true;
}

/** What this host has told the others, which wait for it. */
export interface Told {
  /** The newest last. */
  readonly words: readonly { readonly version: string; readonly result: HostWord['result'] }[];
  /** Why the last word could not be told; absent: it was. */
  readonly trouble?: { readonly at: number; readonly times: number; readonly failure: Failure };
}

/** A source as it is kept. What happens next follows from it, never from memory. */
export interface SourceRecord {
  readonly spec: SourceSpec;
  readonly declared: { readonly by: string; readonly at: number; readonly command: string };
  readonly stages: Readonly<Partial<Record<StageName, Stage>>>;
  /** The newest version that was seen. */
  readonly head: Version | null;
  /** The version that was tried last. */
  readonly attempted: Version | null;
  readonly applied: Applied | null;
  /**
   * What a newer version has to follow: the one that was accepted last of what the source follows. It outlives another
   * declaration of the same, after which `applied` is not known any more.
   */
  readonly taken: Version | null;
  readonly lastGood: Good | null;
  /** The newest first. */
  readonly quarantined: readonly Quarantined[];
  readonly suspended: Suspended | null;
  readonly asked: Asked | null;
  /** Projects that it has declared last. */
  readonly projects: readonly string[];
  /** Of a followed file: the files that reading it has read. Absolute paths. */
  readonly read: readonly string[];
  /** The newest first. */
  readonly history: readonly Attempt[];
  /** Of a source that heals itself; absent: it has never had to. */
  readonly healed?: Healed;
  /** Of a source that waits for another host; absent: it has not had to. */
  readonly heard?: Heard;
  /** Of a source that others wait for; absent: there was nothing to tell. */
  readonly told?: Told;
}

export const KEPT_ATTEMPTS = 50;
const KEPT_QUARANTINED = 50;

export function newRecord(spec: SourceSpec, declared: SourceRecord['declared']): SourceRecord {
  return {
    spec,
    declared,
    stages: {},
    head: null,
    attempted: null,
    applied: null,
    taken: null,
    lastGood: null,
    quarantined: [],
    suspended: null,
    asked: null,
    projects: [],
    read: [],
    history: [],
  };
}

export function isQuarantined({ quarantined }: SourceRecord, id: string): boolean {
  return quarantined.some((one) => one.id === id);
}

/** The record with a stage as it is now; `since` stays while the status does. */
export function withStage(
  record: SourceRecord,
  name: StageName,
  stage: Omit<Stage, 'since'>,
  now: number,
): SourceRecord {
  const before = record.stages[name];
  const since = before?.status === stage.status && before.version === stage.version ? before.since : now;
  return { ...record, stages: { ...record.stages, [name]: { ...stage, since } } };
}

/** The record with a version that is not tried again. */
export function quarantine(record: SourceRecord, bad: Quarantined): SourceRecord {
  const others = record.quarantined.filter(({ id }) => id !== bad.id);
  return { ...record, quarantined: [bad, ...others].slice(0, KEPT_QUARANTINED) };
}

/** The record in which a version may be tried again. */
export function release(record: SourceRecord, version: string): SourceRecord {
  return { ...record, quarantined: record.quarantined.filter(({ id }) => id !== version) };
}

/** The record with a try that has begun or, of the same version, gone on. */
export function withAttempt(record: SourceRecord, attempt: Attempt): SourceRecord {
  const [newest, ...older] = record.history;
  const isSame = newest?.id === attempt.id && newest.startedAt === attempt.startedAt;
  const history = [attempt, ...(isSame ? older : record.history)].slice(0, KEPT_ATTEMPTS);
  return { ...record, history };
}
