import {
  findDuplicate,
  isFlag,
  isName,
  isOneOf,
  isText,
  listOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import type { Applied, Attempt, Quarantined, Version } from '../../../../sources/model/record.ts';
import { isSourceSpec, type SourceSpec, type SyncMode } from '../../../../sources/model/source.ts';
import type { ProjectSpec } from '../../../../spec/types.ts';
import type { PlannedVersion } from '../plan.ts';
import { checked, withoutSecrets } from '../../endpoints/checked.ts';

/** What is kept, as it is told: its id is the `version`, times are RFC 3339, and there may be other stages one day. */
type Told<T extends { readonly id: string }> = { readonly version: string } & {
  readonly [K in keyof Omit<T, 'id'>]: K extends 'at' | 'startedAt' | 'endedAt'
    ? null extends T[K]
      ? string | null
      : string
    : K extends 'stage'
      ? string
      : T[K];
};

/** GET /v1/sources. */
export interface SourceList {
  readonly apiVersion: 'v1';
  readonly kind: 'SourceList';
  readonly items: readonly SourceInfo[];
}

/** A source, as it is declared and as it is. Times are RFC 3339. */
export interface SourceInfo {
  readonly name: string;
  readonly spec: SourceSpec;
  /** Where it is, for people. */
  readonly origin: string;
  readonly sync: SyncMode;
  readonly declared: { readonly by: string; readonly at: string; readonly command: string };
  readonly status: {
    /** In one word: `Synced`, `Progressing`, `Failed`, `Suspended`, `OutOfSync`, `Unknown`. */
    readonly state: SourceState;
    /** Why it is not `Synced`, in one line; null: it is. */
    readonly message: string | null;
    /**
     * Every stage that is known, in the order in which a version goes through them. Behind them `Unedited`, while somebody
     * has edited files that apps run from.
     */
    readonly conditions: readonly SourceCondition[];
    /** The newest version that was seen. */
    readonly head: VersionInfo | null;
    /** The one that was tried last. */
    readonly attempted: VersionInfo | null;
    /** The one that was accepted last. */
    readonly applied: AppliedInfo | null;
    /** The one whose apps have all proven themselves. */
    readonly lastGood: Omit<AppliedInfo, 'outcome'> | null;
    readonly quarantined: readonly QuarantinedInfo[];
    /** What people have made otherwise than the applied version declares it; absent: nothing. */
    readonly drifts?: readonly DriftInfo[];
    /** When that was taken back last, how often in a row, and why it could not be; absent: it never was. */
    readonly healed?: { readonly at: string; readonly times: number; readonly failure?: string };
    readonly suspended: { readonly by: string; readonly at: string; readonly reason: string | null } | null;
    /** Somebody has asked for a version, and it is not dealt with yet. */
    readonly asked: { readonly by: string; readonly at: string; readonly version: string | null } | null;
    /** What it waits for; null: it works. */
    readonly waitsFor: {
      readonly reason: string;
      readonly message: string;
      readonly until: string | null;
    } | null;
    readonly projects: readonly string[];
    /** Why nothing listens for its webhook; absent: something does, or it has none. */
    readonly webhookProblem?: string;
  };
  /** The newest first, at most 50. */
  readonly history: readonly AttemptInfo[];
}

export type SourceState = 'Synced' | 'Progressing' | 'Failed' | 'Suspended' | 'OutOfSync' | 'Unknown';

/** One stage of the version that it is about. */
export interface SourceCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  /** The commit, or the hash of what a followed file holds. */
  readonly version: string | null;
  /** What is wrong, each with its place in the file. */
  readonly failures?: readonly Failure[];
}

export type VersionInfo = Told<Omit<Version, 'tag'>>;

export type AppliedInfo = Told<Omit<Applied, 'takeBack' | 'wentBack' | 'afterIsDue'>>;

/** A version that is not tried again by itself. */
export type QuarantinedInfo = Told<Quarantined>;

/** Something that a person has made otherwise than the applied version of a source declares it. */
export interface DriftInfo {
  readonly project: string;
  /** null: the project as a whole. */
  readonly app: string | null;
  readonly kind: string;
  /** `scaled from 2 to 4`, `deleted (delete api)`. */
  readonly what: string;
  readonly by: string;
  readonly at: string;
  /** When it ends by itself; null: it does not. */
  readonly until: string | null;
  /** All of it in a line, with the way out. */
  readonly message: string;
}

/** One try to bring a version in. */
export type AttemptInfo = Told<Attempt>;

/** POST /v1/sources: these are declared. With `prune` all others are removed. */
export interface DeclareSourcesRequest {
  readonly sources: readonly SourceSpec[];
  readonly prune: boolean;
  readonly by: string;
  readonly command: string;
}

export interface DeclareSourcesResponse {
  readonly changes: readonly {
    readonly source: string;
    readonly kind: 'created' | 'changed' | 'unchanged' | 'removed';
  }[];
}

/** POST /v1/sources/act: what a person wants of one source. */
export interface ActOnSourceRequest {
  readonly verb: SourceVerb;
  readonly name: string;
  readonly by: string;
  /** Of `suspend`: why. */
  readonly reason: string | null;
  /** Of `sync`: this version, in full or its beginning; null: the newest. */
  readonly version: string | null;
  readonly allowWipe?: boolean;
  readonly takeOver?: boolean;
}

export type SourceVerb = 'sync' | 'suspend' | 'resume' | 'remove';

/** POST /v1/sources/plan answers with a PlanDocument: what bringing a version in would do. */
export interface PlanSourceRequest {
  readonly name: string;
  /** As in ActOnSourceRequest. */
  readonly version: string | null;
  /** Whether the newest version is looked for first. Absent: it is. */
  readonly fetch?: boolean;
}

/** POST /v1/sources/declared: what a version of a source declares, with its secrets. */
export interface DeclaredBySource {
  readonly projects: readonly ProjectSpec[];
  readonly prune: boolean;
  readonly version?: PlannedVersion;
}

const isDeclare: Check = (value, path) => {
  const problem = objectOf<DeclareSourcesRequest>({
    sources: listOf(isSourceSpec),
    prune: isFlag,
    by: isText,
    command: isText,
  })(value, path);
  return problem ?? findDuplicate((value as DeclareSourcesRequest).sources, 'name', `${path}.sources`);
};

const isAct: Check = objectOf<ActOnSourceRequest>({
  verb: isOneOf('sync', 'suspend', 'resume', 'remove'),
  name: isName,
  by: isText,
  reason: nullable(isText),
  version: nullable(isText),
  allowWipe: optional(isFlag),
  takeOver: optional(isFlag),
});

const isPlan: Check = objectOf<PlanSourceRequest>({
  name: isName,
  version: nullable(isText),
  fetch: optional(isFlag),
});

export function checkDeclareSources(body: unknown): Result<DeclareSourcesRequest, Failure> {
  return withoutSecrets(checked<DeclareSourcesRequest>(isDeclare, body));
}

export function checkActOnSource(body: unknown): Result<ActOnSourceRequest, Failure> {
  return checked<ActOnSourceRequest>(isAct, body);
}

export function checkPlanSource(body: unknown): Result<PlanSourceRequest, Failure> {
  return checked<PlanSourceRequest>(isPlan, body);
}
