import type { AppKey } from '../../lib/app-key.ts';
import type { Confirmation } from './confirmation.ts';
import type { DependencyMarks } from './facts.ts';
import type { Override, RestartRequest, Unfit } from '../../plan/model/desired.ts';
import type { HookRecord, PreStart } from '../../plan/model/hooks.ts';
import type { SlotHistory } from '../../plan/model/observed.ts';
import type { ChangeKind, PlanSummary } from '../../plan/model/plan.ts';
import type { ReloadOutcome, ReloadState } from '../../plan/model/reload.ts';
import type { RolloutOutcome, RolloutState } from '../../plan/model/rollout.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { ChosenPorts } from '../../spec/ports/chosen-ports.ts';
import type { ReadFrom } from '../../spec/read-from/read-from.ts';
import type { AppSpec, FieldChange, ProjectSource, ProjectSpec } from '../../spec/types.ts';

export type { Confirmation } from './confirmation.ts';
export type { DependencyMarks, Fact } from './facts.ts';

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
  /** As in DesiredApp. */
  readonly reloads?: number;
  readonly reload?: ReloadState;
  readonly lastReload?: ReloadOutcome;
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
  /** What it was read from when it was applied last, and when that was; absent: nobody knows. */
  readonly readFrom?: ReadFrom & { readonly at: number };
  /** The newest accepted revision. */
  readonly revision: number;
  /** Highest generation ever given to an app of this project: an app that comes back never reuses one. */
  readonly lastGeneration: number;
  readonly apps: Readonly<Record<string, AppRecord>>;
  /** The newest revision is taken back unless somebody confirms it in time. Absent: it stays. */
  readonly confirmation?: Confirmation;
  /** What came of the kept revisions, by number; one that is missing is older than this record. */
  readonly outcomes?: Readonly<Record<string, RevisionProgress>>;
}

/** One accepted version of a project. The last ones are kept, with their specs (see retention.ts). */
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
  /** The source that it is about; absent: it is about none. */
  readonly source?: string;
  /** The version of that source, in full; absent: it is about the source as a whole. */
  readonly version?: string;
  /** The receiver of notifications that it is about; absent: it is about none. */
  readonly receiver?: string;
}

/** Counters that survive a controller crash, beside the desired state. */
export interface AppHistory {
  readonly key: AppKey;
  readonly slots: readonly SlotHistory[];
  /** The last runs of hooks, newest first; at most 10 of each hook, and those whose process is on the table. Absent: none yet. */
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
