import type { AppKey } from '../../lib/app-key.ts';
import type { Override, RestartRequest, Unfit } from '../../plan/model/desired.ts';
import type { HookRecord, PreStart } from '../../plan/model/hooks.ts';
import type { SlotHistory } from '../../plan/model/observed.ts';
import type { ChangeKind, PlanSummary } from '../../plan/model/plan.ts';
import type { RolloutFailure, RolloutOutcome, RolloutPause, RolloutState } from '../../plan/model/rollout.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { ChosenPort, ChosenPorts } from '../../spec/ports/chosen-ports.ts';
import type { AppSpec, FieldChange, ProjectSource, ProjectSpec } from '../../spec/types.ts';

/**
 * The processes of each dependency that restarts this app, as it knows them: nonce by slot, by name of the
 * dependency. When a slot holds another one, the app is due for a restart.
 */
export type DependencyMarks = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One app of the desired state, as kept on disk. */
export interface AppRecord {
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly generation: number;
  readonly restartGeneration: number;
  /** Restarts of single slots, by slot. */
  readonly slotRestarts?: Readonly<Record<string, number>>;
  readonly lastRestart?: RestartRequest;
  /** Of a scheduled job: the generation at which a run was asked for last, by slot. */
  readonly runs?: Readonly<Record<string, number>>;
  /** Times of cron_restart or schedule up to here (epoch milliseconds) have been dealt with. */
  readonly settledTick?: number;
  readonly dependencyMarks?: DependencyMarks;
  readonly revision: number;
  readonly override: Override | null;
  /** Epoch milliseconds of the first revision that had it. */
  readonly createdAt: number;
  /** Absent: the present version has proven itself. */
  readonly rollout?: RolloutState;
  readonly lastRollout?: RolloutOutcome;
  /** The last rollout of another version that failed, until that version has proven itself after all. */
  readonly lastFailed?: RolloutOutcome;
  /** The highest restart counter of a version that was taken back: its processes may still be there, so none up to it is given again. */
  readonly spentRestarts?: number;
  /** The version that has proven itself last listens on shared sockets. */
  readonly listens?: true;
  /** As in DesiredApp. */
  readonly unfit?: Readonly<Record<string, Unfit>>;
  readonly begunAfresh?: number;
  /** Ports that were chosen for it, where it declares `auto`. */
  readonly ports?: ChosenPorts;
  readonly preStart?: PreStart;
  /** What it was called before: processes that were started under these names are its own. */
  readonly formerly?: readonly AppKey[];
}

/** What is left to be said of a revision: apps that have proven themselves are not listed any more. */
export interface RevisionProgress {
  /** By name; null: its rollout goes on, else why it failed. */
  readonly apps: Readonly<Record<string, string | null>>;
  /** A newer revision came before an app of it had proven itself. */
  readonly superseded?: true;
}

/** One project of the desired state, as kept on disk. */
export interface ProjectRecord {
  readonly project: string;
  readonly source: ProjectSource;
  /** The newest accepted revision. */
  readonly revision: number;
  /** Highest generation ever given to an app of this project: an app that comes back never reuses one. */
  readonly lastGeneration: number;
  readonly apps: Readonly<Record<string, AppRecord>>;
  /** What came of the kept revisions, by number; one that is missing is older than this record. */
  readonly outcomes?: Readonly<Record<string, RevisionProgress>>;
}

/** One accepted version of a project. The last 20 are kept, with their specs. */
export interface Revision {
  readonly project: string;
  readonly revision: number;
  /** Hash over the whole declared project. */
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  /** The command that made it: `apply -f ecosystem.yaml`, `delete api`, `start app.js`. */
  readonly command: string;
  /** The commit that was checked out where the file lies; absent: of none. */
  readonly commit?: string;
  readonly summary: PlanSummary;
  readonly changes: readonly {
    readonly app: AppKey;
    readonly kind: ChangeKind;
    readonly fields: readonly FieldChange[];
  }[];
  readonly spec: ProjectSpec;
}

/**
 * Something that happened, for people and for machines. Numbered without gaps from 1; the number survives restarts. The
 * message of an app (MessageReceived) is not kept and has the number of the event before it.
 */
export interface EventRecord {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly reason: Reason;
  readonly message: string;
  readonly key: AppKey | null;
  readonly slot: number | null;
  readonly pid: number | null;
  readonly generation: number | null;
  /** Of a message that an app has sent: the message itself. */
  readonly data?: unknown;
}

/**
 * What changes the durable state: facts, never commands. `state/desired/reducer.ts` works out the state after a fact.
 */
export type Fact =
  | {
      readonly kind: 'project-accepted';
      readonly spec: ProjectSpec;
      /** Template hash per app name. */
      readonly templateHashes: Readonly<Record<string, string>>;
      /** Whether apps of the project that `spec` does not name leave the desired state. */
      readonly prune: boolean;
      /** Only these apps are declared or pruned; the others stay. Absent or null: all. */
      readonly only?: readonly string[] | null;
      /** Every declared app gets new processes, also where nothing has changed. */
      readonly restart?: RestartRequest;
      /**
       * Apps that are down because of how they ended, and that are to start as if they had not. Absent: none.
       */
      readonly afresh?: readonly string[];
      readonly at: number;
    }
  /**
   * Apps have other names now, and keep their processes. Between two projects: all apps of `from`, with its revisions, to
   * one that has none; `apps` then says which of them are called otherwise, as it does within one project.
   */
  | {
      readonly kind: 'apps-moved';
      readonly from: string;
      readonly to: string;
      /** Names of before, by the name of now. */
      readonly apps: Readonly<Record<string, string>>;
      readonly at: number;
    }
  | { readonly kind: 'apps-deleted'; readonly keys: readonly AppKey[]; readonly at: number }
  /** A person wants an app that ended badly to be started as if it had not. */
  | { readonly kind: 'begun-afresh'; readonly key: AppKey }
  | { readonly kind: 'override-set'; readonly key: AppKey; readonly override: Override | null }
  /** `slot` null: every instance. */
  | ({
      readonly kind: 'restart-requested';
      readonly key: AppKey;
      readonly slot: number | null;
      /** The time of cron_restart or schedule that asks for it: dealt with by this very fact. */
      readonly tick?: number;
      /** Of a scheduled job: the slot is to run once. */
      readonly run?: true;
      /** With a restart because of a dependency: what it is about, so that it is asked for once. */
      readonly dependencyMarks?: DependencyMarks;
    } & RestartRequest)
  /** A person applied while these slots ran other code than what lies on disk: they are to get new processes. */
  | {
      readonly kind: 'code-changed';
      readonly key: AppKey;
      readonly slots: readonly number[];
      /** Slots whose process had done its work with other code, and that are to do it again. */
      readonly again: readonly number[];
      /** `68da218 → e7c118e (12 files under api/)`. */
      readonly detail: string;
      readonly at: number;
    }
  /** The version of this generation has proven itself on every instance. */
  | {
      readonly kind: 'rollout-completed';
      readonly key: AppKey;
      readonly generation: number;
      /** Instances of it listen on shared sockets. */
      readonly listens?: true;
      readonly at: number;
    }
  /**
   * The version of this generation has failed: the app goes back to the one before it, or waits, as its spec says.
   */
  | {
      readonly kind: 'rollout-failed';
      readonly key: AppKey;
      readonly generation: number;
      readonly failure: RolloutFailure;
      readonly at: number;
    }
  /** The pre_start hook of this release has ended; `failure` null: well. */
  | {
      readonly kind: 'pre-start-ended';
      readonly key: AppKey;
      readonly release: number;
      readonly failure: RolloutFailure | null;
      readonly at: number;
    }
  /** An operator stops a rollout where it is, or (null) has it go on. */
  | {
      readonly kind: 'rollout-paused';
      readonly key: AppKey;
      readonly paused: Pick<RolloutPause, 'by' | 'at'> | null;
      readonly at: number;
    }
  /**
   * Processes of the app were started by restarts that the state knows nothing of (a previous version of it had to be
   * taken). They count as they are. `slots`: by how much the counter of each slot grows.
   */
  | {
      readonly kind: 'restarts-found';
      readonly key: AppKey;
      readonly generation: number;
      readonly slots: Readonly<Record<string, number>>;
    }
  /** Ports were chosen for an app that declares `auto`: they stay its own. */
  | { readonly kind: 'ports-chosen'; readonly key: AppKey; readonly ports: readonly ChosenPort[] }
  /** The wall clock of the host was set by so much: times that are compared move along. */
  | { readonly kind: 'clock-set'; readonly byMs: number }
  /** The app has these dependencies as they are now; nothing follows from it. */
  | { readonly kind: 'dependencies-seen'; readonly key: AppKey; readonly dependencyMarks: DependencyMarks };

/** Counters that survive a controller crash, beside the desired state. */
export interface AppHistory {
  readonly key: AppKey;
  readonly slots: readonly SlotHistory[];
  /** The last runs of hooks, newest first; at most 20. Absent: none yet. */
  readonly hooks?: readonly HookRecord[];
  /** Epoch milliseconds of the newest cron tick that was left out or that one began after; absent: none yet. */
  readonly lastCronTick?: number;
}

/** What a revision says beside the specs themselves. */
export type RevisionMeta = Pick<Revision, 'by' | 'command' | 'commit' | 'summary' | 'changes'>;

/** What a fact changed. */
export interface Commit {
  /** Apps whose record changed, appeared or went away. */
  readonly changed: readonly AppKey[];
  /** New revisions, one for each project whose declared specs changed. */
  readonly revisions: readonly { readonly project: string; readonly revision: number }[];
}
