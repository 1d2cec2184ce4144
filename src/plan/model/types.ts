import type { AppKey } from '../../lib/app-key.ts';
import type { AppSpec, FieldChange } from '../../spec/types.ts';
import type { CodeIdentity } from './code.ts';
import type { Reason } from './reasons.ts';
import type { RolloutOutcome, RolloutState } from './rollout.ts';
import type { StopOrder } from './stop-order.ts';

export type { FieldChange } from '../../spec/types.ts';
export type {
  AppVersion,
  FailedVerdict,
  OutputLine,
  RolloutFailure,
  RolloutOutcome,
  RolloutPause,
  RolloutState,
  RolloutVerdict,
} from './rollout.ts';

// ---- what goes in -------------------------------------------------------------------------------------------------

/** What an operator put on top of what the file declares; the next `apply` of the project resets it. */
export interface Override {
  /** `stopped`: no instance is to run. `running`: start in spite of `autostart: false`. */
  readonly run?: 'stopped' | 'running';
  readonly instances?: number;
  /** Who: the login name behind the command. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A restart that was asked for: by what, and in whose words. */
export interface RestartRequest {
  readonly reason: Reason;
  /** One line for people: `src/a.js changed`, `every day at 02:00`, `asked for by ann`. */
  readonly detail: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** All instances at once, and without draining: what is served meanwhile is lost. Absent: under the rollout's rules. */
  readonly now?: true;
}

/** One app as it is to be. */
export interface DesiredApp {
  readonly key: AppKey;
  readonly project: string;
  /** As declared; an override is applied on top by the planner. */
  readonly spec: AppSpec;
  /** Hash over the template fields of `spec` (see spec/hash.ts). */
  readonly templateHash: string;
  readonly generation: number;
  readonly restartGeneration: number;
  /** Restarts of single slots, on top of `restartGeneration`; see `restartGenerationOf`. */
  readonly slotRestarts: Readonly<Record<string, number>>;
  /** Why `restartGeneration` or a slot's counter was bumped last. */
  readonly lastRestart: RestartRequest | null;
  /** Of a scheduled job: the generation at which a run was asked for last, by slot (see plan/schedule.ts). */
  readonly runs?: Readonly<Record<string, number>>;
  /** Times of cron_restart or schedule up to here (epoch milliseconds) have been dealt with. */
  readonly settledTick?: number;
  /** The revision of the project that this declaration came with. */
  readonly revision: number;
  readonly override: Override | null;
  /** Absent: the present version has proven itself. */
  readonly rollout?: RolloutState;
  readonly lastRollout?: RolloutOutcome;
  /** The version that has proven itself last listens on shared sockets. */
  readonly listens?: true;
  /** Slots whose process was found unfit last, by slot (see plan/unfit.ts). */
  readonly unfit?: Readonly<Record<string, Unfit>>;
  /** The generation with which a person asked for the app anew last: no exit of an earlier one holds it up. */
  readonly begunAfresh?: number;
}

/** A process that runs and does not do: what stateward restarts though nobody asked for it. */
export interface Unfit {
  readonly reason: Reason;
  /** Restart counter of the process that is to follow it. */
  readonly restartGeneration: number;
  /** Epoch milliseconds at which it was found out. */
  readonly at: number;
}

/** How a process ended. */
export interface InstanceExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Milliseconds that the process was up; 0 when it could not be started. */
  readonly upMs: number;
  /** Whether stateward had asked it to stop. */
  readonly requested: boolean;
  /** With `requested`: it was found unfit, so that its end counts like one of its own; absent: it was not. */
  readonly unfit?: Reason;
  /** With `requested`: it outlived its grace period and was killed. */
  readonly killed?: true;
  /** Why it could not be started (`spawn: ENOENT ...`), else null. */
  readonly error: string | null;
  /** What a person should know of how it ended, with the way out; absent: nothing. */
  readonly note?: string;
}

/**
 * starting ──▶ running ──▶ stopping ──▶ exited      (a spawn that fails goes from starting to exited)
 * unverified: recorded as ours and alive, but its identity cannot be proven; never signalled, never doubled.
 */
export type InstanceState = 'starting' | 'running' | 'stopping' | 'exited' | 'unverified';

/** What an instance lacks that has a readiness of its own. */
export interface NotReady {
  /** Milliseconds since it was ready last, or since it began. */
  readonly forMs: number;
  /** For people: `readiness probe: GET http://127.0.0.1:3000/ answered 503`. */
  readonly because: string;
  /** Whether listen_timeout counts now; a startup probe that has not succeeded has a limit of its own. */
  readonly isDue: boolean;
  /** Nothing has looked long enough to know: it may serve well, and is not given up for nothing. */
  readonly undecided?: true;
}

/** One process, as the runner reports it. */
export interface ObservedInstance {
  /** Unique for each process ever started; also in its environment as STATEWARD_INSTANCE. */
  readonly nonce: string;
  readonly key: AppKey;
  readonly slot: number;
  readonly state: InstanceState;
  readonly pid: number | null;
  /** The generation that started it, or that took it over last. */
  readonly generation: number;
  readonly restartGeneration: number;
  readonly revision: number;
  readonly templateHash: string;
  /** What it was started from; absent: not known, as of processes that an older version started. */
  readonly code?: CodeIdentity;
  /** Epoch milliseconds, for people. */
  readonly startedAt: number;
  /** Milliseconds up, from a clock that does not jump; what decisions use. */
  readonly upMs: number;
  /** Result of readiness probes where the app has them; null: readiness is being up for min_uptime. */
  readonly probedReady: boolean | null;
  /** With `probedReady` false: what is missing. */
  readonly notReady?: NotReady;
  /** It has called `process.send('ready')`; absent: the runner cannot tell. */
  readonly saidReady?: boolean;
  /** Messages reach it. */
  readonly connected?: boolean;
  /** Shared sockets that it listens on; absent: it shares none. */
  readonly listening?: readonly string[];
  /** It listens on shared sockets that nobody can be given any more (see runner/protocol.ts). */
  readonly socketsLost?: boolean;
  /** Milliseconds that it has been ready without a break; absent: not known. */
  readonly readyForMs?: number;
  /** It has been ready at some time; absent: not as far as anybody has seen. */
  readonly wasReady?: true;
  /** What became of its limits; absent: it was started without, or by a runner that knows none. */
  readonly limits?: { readonly state: 'set' | 'unavailable'; readonly message: string };
  /** Its main process has ended by itself, and these that it has left behind are being ended. */
  readonly leftBehind?: readonly number[];
  /** What does not hold of what it was promised (see runner/protocol.ts); absent: nothing is known to be lost. */
  readonly problems?: readonly { readonly code: string; readonly message: string }[];
  /** Set when `state` is `exited`. */
  readonly exit: InstanceExit | null;
}

/** What is remembered of a slot across its processes; durable. */
export interface SlotHistory {
  readonly slot: number;
  /** Starts that an exit made necessary, since the app was created. */
  readonly restarts: number;
  /** Exits in a row that stateward did not ask for and that came before 10 s of health. */
  readonly attempt: number;
  /** Drawn when the exit was recorded: 0 <= jitter < 1, so that planning needs no randomness. */
  readonly jitter: number;
  /** Unstable exits (before min_uptime) inside the sliding window, epoch milliseconds, oldest first. */
  readonly unstableExits: readonly number[];
  readonly lastExit: InstanceExit | null;
  /** The process that `lastExit` is about: an exit is taken into the history once. */
  readonly lastNonce: string | null;
  /**
   * Template and restart counter of the process that ended last: a new one of either starts afresh. (Not the
   * generation: a live edit must neither run a completed job again nor end a back-off.)
   */
  readonly lastTemplateHash: string;
  readonly lastRestartGeneration: number;
  /** Generation of the process that ended last; absent in records of older versions. */
  readonly lastGeneration?: number;
  /** What it was started from; absent: not known. */
  readonly lastCode?: CodeIdentity;
  /** The process that ended last has been ready at some time. */
  readonly lastReady?: true;
  /** Of a scheduled job: its last exits, newest first; at most 5. */
  readonly recentExits?: readonly InstanceExit[];
  /** Processes that ended before `lastNonce` and may still be on the runner's table, newest first; at most 8. */
  readonly recentNonces?: readonly string[];
}

/** What was accepted before: the base of the field diff, and of what a change costs. */
export interface AcceptedApp {
  readonly key: AppKey;
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly generation: number;
  readonly override: Override | null;
  /** As in DesiredApp. */
  readonly begunAfresh?: number;
}

/** Everything that is known about a host at one moment. */
export interface Observed {
  /** False: the runner does not answer; nothing may be concluded from `instances`. */
  readonly reachable: boolean;
  readonly instances: readonly ObservedInstance[];
  readonly history: readonly { readonly key: AppKey; readonly slots: readonly SlotHistory[] }[];
  readonly accepted: readonly AcceptedApp[];
}

// ---- what comes out -----------------------------------------------------------------------------------------------

/**
 * What happens to an app, for people; ordered by how much it costs.
 * `start` and `stop` are changes of the override (a stopped app that apply starts again), `restart` is a bumped
 * restart counter, `unchanged` is listed so that the summary can count it.
 */
export type ChangeKind =
  'create' | 'roll' | 'scale' | 'live' | 'start' | 'stop' | 'restart' | 'remove' | 'unchanged';

/** How processes are replaced, as far as it can be told before: one that is not ready is always stopped first. */
export interface ChangeRollout {
  readonly order: 'start-first' | 'stop-first';
  /** Slots that are in replacement at the same time. */
  readonly atOnce: number;
  /** Whether what an instance serves goes unserved between its end and the readiness of its successor. */
  readonly gap: boolean;
  /** All at once and without draining, as was asked for. */
  readonly now?: true;
  /** All that listen on sockets of an earlier runner, at once: until they have ended, nobody else can have them. */
  readonly socketsLost?: true;
}

export interface Change {
  readonly app: AppKey;
  readonly kind: ChangeKind;
  readonly reason: Reason;
  readonly fields: readonly FieldChange[];
  /** Declared instances before and after (0 for not there). */
  readonly instancesBefore: number;
  readonly instancesAfter: number;
  /** Processes that are started, replaced or stopped; one that another takes the place of counts once. */
  readonly touches: number;
  /** Of `roll` and `restart`. */
  readonly rollout?: ChangeRollout;
  /** What it was called before: it keeps its processes. */
  readonly movedFrom?: AppKey;
  /** Why this very version failed when it was rolled out last. */
  readonly failedBefore?: string;
  /** What the app's exits until now say that its declaration should be. */
  readonly hint?: string;
}

/** One step on one process. Each is safe on its own. */
export type Action =
  | {
      readonly kind: 'start';
      readonly key: AppKey;
      readonly slot: number;
      /** The version that the process is to run. */
      readonly app: DesiredApp;
      readonly reason: Reason;
    }
  | {
      readonly kind: 'stop';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly revision: number;
      readonly reason: Reason;
      readonly how: StopOrder;
    }
  /** Takes a running process into the present generation as it is: its record and log settings change, not it. */
  | {
      readonly kind: 'adopt';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly app: DesiredApp;
      readonly reason: Reason;
    }
  /** Drops the record of an ended process whose exit has been taken into the history. */
  | {
      readonly kind: 'forget';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly revision: number;
      readonly reason: Reason;
    };

/** Something that waits: for what, and until when if that is known. */
export interface Hold {
  readonly key: AppKey;
  /** null: the whole app waits. */
  readonly slot: number | null;
  readonly reason: Reason;
  /** One line: `back-off until 12:00:07, attempt 4`, `dependency db not ready`. Times are RFC 3339 UTC. */
  readonly message: string;
  /** Epoch milliseconds; null: until something else happens. */
  readonly until: number | null;
  /** The app that has to move first: of a chain of dependencies its far end. */
  readonly blockedBy?: AppKey;
  /** Nothing that goes on by itself ends it. */
  readonly isFinal?: true;
}

export type SyncStatus = 'Synced' | 'OutOfSync' | 'Unknown';
export type HealthStatus =
  | 'Healthy'
  | 'Progressing'
  | 'Degraded'
  | 'CrashLoop'
  | 'Failed'
  | 'Stopped'
  | 'Suspended'
  | 'Completed'
  | 'Missing';

/**
 * The first five are said of every app. The others are promises, `False` when lost: `Watching` only of an app that
 * watches files, `Limited` only of one with `limits`, the others only while they are lost.
 */
export type ConditionType =
  | 'Ready'
  | 'Progressing'
  | 'Synced'
  | 'BackOff'
  | 'Overridden'
  | 'Watching'
  | 'Limited'
  | 'Logging'
  | 'SocketSharing'
  | 'ProcessesEnded'
  | 'PortFree'
  | 'Code';

/** One observation about an app in the way of the Kubernetes API conventions: adjectives, reason in CamelCase. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

/** The verdict on one app: two axes, never merged into one word. */
export interface AppVerdict {
  readonly key: AppKey;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  /** Instances that are wanted now, overrides included. */
  readonly desiredInstances: number;
  readonly readyInstances: number;
  /** True when every wanted instance runs the present generation and nothing is left to do. */
  readonly converged: boolean;
  readonly conditions: readonly Condition[];
}

export interface PlanSummary {
  readonly create: number;
  readonly scale: number;
  readonly live: number;
  readonly roll: number;
  readonly start: number;
  readonly stop: number;
  readonly restart: number;
  readonly remove: number;
  readonly unchanged: number;
  readonly processesTouched: number;
  readonly processesUntouched: number;
}

/** The pure result of comparing desired with observed. Preview, apply and the loop use the same one. */
export interface Plan {
  /** Every app of the desired state and every app that leaves it, sorted by key. */
  readonly changes: readonly Change[];
  readonly summary: PlanSummary;
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  readonly verdicts: readonly AppVerdict[];
  /** Milliseconds after which planning again can give another result by the passing of time alone; null: never. */
  readonly requeueAfterMs: number | null;
}
