import type { OtherTarget } from '../target-names.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Change, PlanSummary } from '../../../plan/model/plan.ts';
import type { ProjectSource } from '../../../spec/types.ts';
import { isInteger, isText, listOf, mapOf, objectOf, optional } from '../../../lib/checks.ts';
import type { HoldInfo } from './apps.ts';

/** What a plan was made against: equal bases mean that the plan still holds. */
export interface PlanBasis {
  /** Hash over everything below. */
  readonly fingerprint: string;
  readonly apps: readonly {
    readonly app: AppKey;
    readonly generation: number;
    readonly restartGeneration: number;
    /** `slot:nonce` of every live process, sorted. */
    readonly processes: readonly string[];
  }[];
  /** Hash over the declared projects, secrets included. */
  readonly desiredHash: string;
  /** The code on disk, by app; an app whose code is not known is missing. */
  readonly code?: Readonly<Record<AppKey, string>>;
  /** Hash over what the plan shows (see shown-plan.ts): what is applied is what was read, or nothing. */
  readonly shown?: string;
}

/** The JSON form of a plan (`plan -o json`), for machines and for `apply plan.json`. */
export interface PlanDocument {
  readonly formatVersion: 1;
  readonly kind: 'Plan';
  readonly projects: readonly {
    readonly project: string;
    /** null: the project is new. */
    readonly revisionBefore: number | null;
    /** The number it would get; equal to revisionBefore when nothing changes. */
    readonly revisionAfter: number;
    readonly source: ProjectSource;
    /** Where it was declared before; null: the project is new. */
    readonly sourceBefore?: ProjectSource | null;
    /** What a person should know of it beside the changes. */
    readonly notes?: readonly string[];
    /** Of a plan of a source: apps of which any change in the repository counts. Absent: none. */
    readonly wholeTree?: readonly AppKey[];
  }[];
  readonly options: {
    readonly prune: boolean;
    readonly only: readonly string[] | null;
    /** Guards that were told to let it pass; absent: none. */
    readonly allowWipe?: true;
    readonly takeOver?: true;
    readonly forceConflicts?: true;
    readonly withDependencies?: true;
    /** Every process of the declared apps is to be a new one. */
    readonly reload?: true;
  };
  readonly changes: readonly Change[];
  readonly holds: readonly HoldInfo[];
  readonly summary: PlanSummary;
  readonly fingerprint: string;
  readonly basis: PlanBasis;
  /** A guard that would refuse to apply this plan, or null. */
  readonly guard: Failure | null;
  /** When the schedules that this plan makes or changes come due first. */
  readonly nextRuns?: Readonly<Record<AppKey, string>>;
  /** Who else has, or wants, ports that this plan gives to processes; absent: nobody. */
  readonly portWarnings?: readonly PortWarning[];
  /** Of a plan against a snapshot: which, and what could not be compared. Absent: it is about this host, as it is now. */
  readonly against?: SnapshotInfo;
  /** Where it is for, if that is not this host. Projects have no revisions there: `revisionAfter` is 0. */
  readonly target?: PlanTarget;
  /** Of a plan of a source: which version it is of. Absent: it is of files. */
  readonly version?: PlannedVersion;
}

/** Another place than this host. */
export interface PlanTarget {
  readonly name: OtherTarget;
  readonly context: string;
  readonly namespace: string;
  /** The image that was named on the command line; null: none. */
  readonly image: string | null;
  /** Images that are made for projects that name none; absent: they all name theirs. */
  readonly images?: readonly PlannedImage[];
}

/** The image that is made for a project. */
export interface PlannedImage {
  readonly project: string;
  /** With its digest; of one that is to be built, with a tag that says what it will be built from. */
  readonly reference: string;
  /** Whether its registry has it; else what apply does first. */
  readonly state: 'there' | 'to push' | 'to build';
}

/** The version of a source that was looked at. */
export interface PlannedVersion {
  readonly source: string;
  /** The commit, or the hash of what a followed file holds. */
  readonly version: string;
  /** First line of the message of the commit. */
  readonly subject?: string;
  /** The newest one was looked for just now; false: it is the newest that was seen before, or one that was named. */
  readonly fetched: boolean;
  /** Why it could not be looked for. */
  readonly problem?: Failure;
}

/** The apps of a project, as specs of the version that answers. */
export interface SpecsOfProject {
  readonly project: string;
  readonly apps: readonly unknown[];
}

/** The snapshot of a host that a plan was made against. */
export interface SnapshotInfo {
  readonly host: string;
  readonly madeAt: string;
  readonly version: string;
  /** `unchecked`: nobody has named a key (`--verify-key`); it is only known to be whole. */
  readonly signature: 'verified' | 'unchecked';
  /** Fields that are secrets on both sides, by app. */
  readonly secretsNotCompared: Readonly<Record<AppKey, readonly string[]>>;
  /** Variables that a file would say that is not here, by app: they count as they are on the host. Absent: none. */
  readonly variablesNotCompared?: Readonly<Record<AppKey, readonly string[]>>;
  /** The projects on the host and as they are declared, without secrets, where the request asks for them. */
  readonly specs?: { readonly live: readonly SpecsOfProject[]; readonly declared: readonly SpecsOfProject[] };
  /** For people: code that was not compared and why, and what else the plan does not know. */
  readonly notes: readonly string[];
}

/** A port that a process of the plan may not get. */
export interface PortWarning {
  readonly app: AppKey;
  readonly port: number;
  /** The app that declares it, or whose process holds it; null: no app of this home. */
  readonly owner: AppKey | null;
  /** The process that holds it; null: none does now, or it cannot be looked at. */
  readonly pid: number | null;
  /** For people, with the way out. */
  readonly message: string;
}

/** A basis as it stands in a request. */
export const isBasis = objectOf<PlanBasis>({
  fingerprint: isText,
  apps: listOf(
    objectOf<PlanBasis['apps'][number]>({
      app: isText,
      generation: isInteger(0),
      restartGeneration: isInteger(0),
      processes: listOf(isText),
    }),
  ),
  desiredHash: isText,
  code: optional(mapOf(isText)),
  shown: optional(isText),
});
