import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type {
  Change,
  Condition,
  HealthStatus,
  Hold,
  OutputLine,
  Override,
  PlanSummary,
  SyncStatus,
} from '../../plan/model/types.ts';
import type { AppSpec, ProjectSource, ProjectSpec } from '../../spec/types.ts';
import type { EventRecord } from '../../state/model/types.ts';

/**
 * The shapes of the HTTP API under `/v1` (and of `-o json`): a contract; fields are only ever added. Times are RFC 3339
 * in UTC, durations milliseconds, sizes bytes.
 */

/** GET /v1/status, and `daemon status -o json`. `controller` or `runner` is null when it does not run. */
export interface DaemonStatus {
  readonly controller: { readonly pid: number; readonly version: string; readonly uptimeMs: number } | null;
  readonly runner: { readonly pid: number; readonly version: string; readonly epoch: string } | null;
  readonly home: string;
  readonly socket: string;
  /** What runs of the apps, whichever of our processes lives. Absent from an older daemon. */
  readonly apps?: { readonly count: number; readonly processes: number };
}

/** What a process was started from. */
export interface CodeInfo {
  /** Equal for the same code at the same place. */
  readonly id: string;
  /** The commit that was checked out there, in full; null: it lies in no work tree. */
  readonly commit: string | null;
  /** null: none was checked out. */
  readonly branch: string | null;
  /** Of the files that count some were not as in the commit. */
  readonly dirty: boolean;
  /** The release, as the file names it. */
  readonly version: string | null;
}

export interface InstanceStatus {
  /** Numeric id, as `get` shows it and selectors take it; stays with the slot. */
  readonly id: number;
  readonly slot: number;
  readonly pid: number | null;
  readonly state: 'starting' | 'running' | 'stopping' | 'exited' | 'unverified' | 'waiting';
  readonly ready: boolean;
  readonly restarts: number;
  /** Of a process: what it was started from; null: not known. */
  readonly code?: CodeInfo | null;
  /** Absent from a daemon that does not probe. */
  readonly probes?: readonly {
    readonly kind: 'startup' | 'readiness' | 'liveness';
    readonly state: 'pending' | 'passing' | 'failing';
    /** What it said when it failed last. */
    readonly lastFailure: string | null;
    readonly since: string;
  }[];
  /** null: never started. */
  readonly startedAt: string | null;
  /** The revision that it runs; absent: nothing runs in the slot. */
  readonly revision?: number;
  /** null until it was sampled. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly lastExit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly reason: Reason;
    readonly at: string;
    readonly error: string | null;
    /** What a person should know of how it ended; absent: nothing. */
    readonly note?: string;
  } | null;
}

/** A hold as sent: with an RFC 3339 time, or null where nothing but an event ends it. */
export type HoldInfo = Omit<Hold, 'until'> & { readonly until: string | null };

export interface AppStatus {
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  readonly generation: number;
  readonly observedGeneration: number;
  /** The generation that sync, health and conditions are about; behind `generation` until the loop has looked. */
  readonly assessedGeneration: number;
  readonly revision: number;
  readonly desiredInstances: number;
  readonly readyInstances: number;
  readonly conditions: readonly (Condition & { readonly lastTransitionTime: string })[];
  readonly override: (Omit<Override, 'at'> & { readonly at: string }) | null;
  readonly holds: readonly HoldInfo[];
  readonly instances: readonly InstanceStatus[];
  /**
   * The change of versions that is under way, or how the last one ended; null: there has been none. The first version of
   * an app takes the place of nothing, so it is none: such an app is as wanted when it is healthy.
   */
  readonly rollout?: RolloutInfo | null;
  /** Promises that are lost, each with its condition; in brief lists too. Absent: none. */
  readonly problems?: readonly ProblemInfo[];
  /** Of apps with cron_restart or schedule: when it comes due next; null while the app is stopped. */
  readonly nextRun?: string | null;
  /** Of apps with a schedule: the runs that go on, then the last that ended, newest first. */
  readonly runs?: readonly RunStatus[];
}

/** A promise that is lost: what, why in one line with the way out, and since when. */
export interface ProblemInfo {
  readonly type: Condition['type'];
  readonly reason: Reason;
  readonly message: string;
  readonly since: string;
}

/** One rollout of an app. `paused` is also said of one that has failed and waits; `reason` and `message` say why then. */
export interface RolloutInfo {
  readonly state: 'progressing' | 'paused' | 'succeeded' | 'failed' | 'superseded';
  /** What is, or was, rolled out. */
  readonly generation: number;
  readonly revision: number;
  /** Instances that run it and have proven themselves, out of how many. */
  readonly updatedInstances: number;
  readonly totalInstances: number;
  /** null: not known any more. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Of a failed one, paused or not. */
  readonly reason: Reason | null;
  readonly message: string | null;
  /** Where it failed; null or absent: in no slot of its own, or it has not. */
  readonly slot?: number | null;
  /** What the process that failed wrote last, oldest first; absent: it is not known. Long lines are cut. */
  readonly logLines?: readonly OutputLine[];
  readonly pausedBy: string | null;
}

/** One run of a scheduled job; `stopped`: it was ended by an operator, or by a newer run. */
export interface RunStatus {
  readonly slot: number;
  readonly started: string;
  readonly ended: string | null;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'stopped';
}

export interface App {
  readonly project: string;
  readonly name: string;
  readonly createdAt: string;
  /** Secrets are redacted unless the request asked for them; null when the request asked for none. */
  readonly spec: AppSpec | null;
  readonly status: AppStatus;
  /** Where its output goes. */
  readonly logs: { readonly out: string | null; readonly error: string | null };
}

/**
 * GET /v1/apps?selector=S&selector=…&spec=none|redacted|full&detail=brief|full[&watch=true: server-sent, one AppList an
 * event]. `detail=brief` is for tables: `conditions` are empty then, and the files of `logs` null.
 */
export interface AppList {
  readonly apiVersion: 'v1';
  readonly kind: 'AppList';
  readonly items: readonly App[];
}

/** What an apply or a plan is about. */
export interface ApplyRequest {
  readonly projects: readonly ProjectSpec[];
  /** Remove apps that the file does not name any more. */
  readonly prune: boolean;
  /** Restrict to these app names; the others stay as they are. null: all. */
  readonly only: readonly string[] | null;
  readonly allowWipe: boolean;
  /** Take a project over from where it was declared before, and run one beside its twin. Absent: false. */
  readonly takeOver?: boolean;
  /** Declare and start what the apps depend on as well. Absent: false. */
  readonly withDependencies?: boolean;
  /** What is declared was declared before (`rollback`): where the project comes from stays as it is. Absent: false. */
  readonly keepOrigin?: boolean;
  /** From a saved plan: apply only if the host is still as it was then. */
  readonly basis: PlanBasis | null;
  readonly by: string;
  /** For the history: `apply -f ecosystem.yaml`. */
  readonly command: string;
  /** For the history, by project: the commit that is checked out where its file lies. In full. */
  readonly commits?: Readonly<Record<string, string>>;
  /**
   * Whether processes that run other code than lies on disk get new ones. `leave`: only what is declared is compared, as
   * for who goes back to an earlier declaration. Absent: `compare`.
   */
  readonly code?: 'compare' | 'leave';
  /** Every process of the declared apps is to be a new one, also where nothing has changed; `now`: all at once. */
  readonly restart?: { readonly verb: 'reload' | 'restart'; readonly now?: boolean };
  /** The daemon was started for it: compared, and counted, is what ran before that. */
  readonly begins?: true | undefined;
}

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
  }[];
  readonly options: {
    readonly prune: boolean;
    readonly only: readonly string[] | null;
    /** Guards that were told to let it pass; absent: none. */
    readonly allowWipe?: true;
    readonly takeOver?: true;
    readonly withDependencies?: true;
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
}

/** POST /v1/plan (ApplyRequest) answers with a PlanDocument; POST /v1/apply with this. */
export interface ApplyResponse {
  readonly plan: PlanDocument;
  /**
   * What to wait for: each app that is not yet as asked for, at which generation; `gone` for apps that are to leave.
   */
  readonly targets: readonly WaitTarget[];
}

export interface WaitTarget {
  readonly app: AppKey;
  readonly generation: number;
  readonly gone: boolean;
  /** The revision that was asked for; an app at a higher one has been changed by somebody else since. */
  readonly revision?: number;
}

/** POST /v1/verbs. */
export type VerbRequest = {
  readonly selectors: readonly string[];
  readonly by: string;
  readonly command: string;
} & (
  | { readonly verb: 'stop' | 'reload' | 'rollout-pause' | 'rollout-resume' }
  /** `withDependencies`: what the apps depend on as well. */
  | { readonly verb: 'start'; readonly withDependencies?: boolean }
  /** `now`: all instances at once and without draining. */
  | { readonly verb: 'restart'; readonly now?: boolean }
  | { readonly verb: 'delete'; readonly allowWipe: boolean }
  /** `instances` is absolute; `delta` is added to what is wanted now. */
  | { readonly verb: 'scale'; readonly instances?: number; readonly delta?: number }
);

export interface VerbResponse {
  readonly results: readonly { readonly app: AppKey; readonly changed: boolean; readonly message: string }[];
  readonly targets: readonly WaitTarget[];
}

/** POST /v1/messages: to every instance that the selectors name and that has a channel. */
export interface MessageRequest {
  readonly selectors: readonly string[];
  /** Any JSON value; what `process.on('message')` of the app gets. */
  readonly message: unknown;
}

export interface MessageResponse {
  readonly results: readonly {
    readonly app: AppKey;
    readonly slot: number;
    readonly sent: boolean;
    /** Why it was not sent, else null. */
    readonly message: string | null;
  }[];
}

/** GET /v1/projects/:project/revisions, or /v1/revisions of all projects; newest first. Specs are left out, changes are redacted. */
export interface RevisionList {
  readonly apiVersion: 'v1';
  readonly kind: 'RevisionList';
  readonly items: readonly RevisionInfo[];
}

export interface RevisionInfo {
  readonly project: string;
  readonly revision: number;
  readonly hash: string;
  readonly at: string;
  readonly by: string;
  readonly command: string;
  /** The commit that was checked out where its file lies, in full; null: of none. Local edits are not seen. */
  readonly commit?: string | null;
  /** The processes that run it, and what they were started from: code is rolled out without a new revision. */
  readonly running?: readonly {
    readonly app: AppKey;
    readonly slot: number;
    readonly code: CodeInfo;
  }[];
  readonly summary: PlanSummary;
  readonly changes: readonly Pick<Change, 'app' | 'kind' | 'fields'>[];
  /** What came of its rollouts; null: not known any more. */
  readonly outcome?: RevisionOutcome | null;
}

/** `failed` when an app's rollout failed; `superseded` when a newer revision came first. */
export interface RevisionOutcome {
  readonly state: 'progressing' | 'succeeded' | 'failed' | 'superseded';
  /** Of a failed one: `shop/web: slot 0 exited with code 1 after 0.2s`. */
  readonly message: string | null;
}

/** GET /v1/projects/:project/revisions/:revision: with the specs, secrets included, so that it can be applied again. */
export interface RevisionDetail extends RevisionInfo {
  readonly spec: ProjectSpec;
}

/** One event as sent: EventRecord with an RFC 3339 time. */
export interface EventInfo extends Omit<EventRecord, 'at'> {
  readonly at: string;
}

/** GET /v1/events?after=SEQ&limit=N&selector=S[&follow=true: server-sent, `id:` is the seq]. */
export interface EventList {
  readonly apiVersion: 'v1';
  readonly kind: 'EventList';
  readonly items: readonly EventInfo[];
}

/** One line of a log: GET /v1/logs?selector=S&lines=N&since=RFC3339&stream=out|err|all[&follow=true], NDJSON. */
export interface LogLine {
  readonly app: AppKey;
  /** null where instances share one file. */
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  /** The line as it stands in the file, without its newline; bytes that are not UTF-8 are replaced. */
  readonly line: string;
  /** Of a line that was followed. */
  readonly mark?: string;
}

/**
 * Where in its file a client that follows has got to, to be handed back in `from` when it comes again. Of a file as a
 * whole before its first new line, and with each line after that.
 */
export interface LogMark {
  readonly mark: string;
}

export type LogItem = LogLine | LogNotice | LogMark;

/** Said between the lines where a wish could not be met as it was meant: a file without times asked for `since`. */
export interface LogNotice {
  readonly app: AppKey;
  readonly notice: string;
}

/** POST /v1/daemon/stop. */
export interface DaemonStopRequest {
  /** Stop the apps too. They come back with the next `daemon start`. */
  readonly all: boolean;
}

/** An answer that says only that it was done. */
export type Done = Readonly<Record<string, never>>;

/** Every answer of 400 and up; the last event (`event: error`) or line of a stream that broke. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details?: readonly string[];
  };
}
