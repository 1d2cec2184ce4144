import type { CustomFields } from './custom/custom.ts';
import type { InstanceFigures } from './metrics.ts';
import type { DriftInfo } from './drift/drift.ts';
import type { LogUsageInfo, SettingOrigin } from './surroundings/recorded.ts';
import type { AppSourceInfo } from './sources/app-source.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { Reason } from '../../../plan/model/reasons.ts';
import type { Hold } from '../../../plan/model/actions.ts';
import type { Override } from '../../../plan/model/desired.ts';
import type { Condition, HealthStatus, SyncStatus } from '../../../plan/model/health.ts';
import type { OutputLine } from '../../../plan/model/rollout.ts';
import type { AppSpec } from '../../../spec/types.ts';
import type { DaemonTrouble } from './daemon.ts';
import type { HookRunStatus } from './events.ts';

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

/** A port that an app declares. */
export interface DeclaredPort {
  /** `main`: that of `port`. */
  readonly name: string;
  /** null: it is `auto`, and none has been chosen yet. */
  readonly port: number | null;
  /** null: every address of the host. */
  readonly host: string | null;
  /** Variables that tell it to the process. */
  readonly variables: readonly string[];
  /** Absent: TCP. */
  readonly protocol?: 'udp';
}

/** With what it reports and offers itself, which brief lists have where they ask for `agents`. */
export interface InstanceStatus extends CustomFields {
  /** Numeric id, as `get` shows it and selectors take it; stays with the slot. */
  readonly id: number;
  readonly slot: number;
  readonly pid: number | null;
  readonly state: 'starting' | 'running' | 'stopping' | 'exited' | 'unverified' | 'waiting';
  readonly ready: boolean;
  /** Starts that became necessary though nobody had asked for them: after exits, and of processes that did not work. */
  readonly restarts: number;
  /** The same by reason. Restarts from before this was counted are in `restarts` alone. */
  readonly restartsByReason?: Readonly<Record<string, number>>;
  /** When the last of them became necessary; null: there was none, or it is not known. */
  readonly lastRestartAt?: string | null;
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
  /** What the agent in it measures while a watch asks for it; absent: none does, or it has no agent that can. */
  readonly figures?: InstanceFigures;
  /** Where its output goes; absent in brief lists. */
  readonly logs?: { readonly out: string | null; readonly error: string | null };
  /** TCP ports that it and what it has started listen on, ascending; absent: the request did not ask, or the host does not tell. */
  readonly ports?: readonly number[];
  /** Ports that it declares, as this process was told them; absent: none. */
  readonly declaredPorts?: readonly DeclaredPort[];
  /** Where the sockets listen that it was started with, in the order of their descriptors; absent: none. */
  readonly sockets?: readonly string[];
  /** Other instances take its connections while it is not ready; absent: it takes them, or shares none. */
  readonly accepting?: false;
  /** The runner's records did not know it: it was taken over by the mark that it carries. Absent: they did. */
  readonly foundByMark?: true;
  /** What it has said of itself by sd_notify, one line; absent: nothing. */
  readonly says?: string;
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
  readonly override:
    | (Omit<Override, 'at' | 'runUntil' | 'instancesUntil'> & {
        readonly at: string;
        /** When `run` ends by itself; absent: it does not. */
        readonly runUntil?: string;
        readonly instancesUntil?: string;
      })
    | null;
  readonly holds: readonly HoldInfo[];
  readonly instances: readonly InstanceStatus[];
  /**
   * The change of versions that is under way, or how the last one ended; null: there has been none. The first version of
   * an app takes the place of nothing, so it is none: such an app is as wanted when it is healthy.
   */
  readonly rollout?: RolloutInfo | null;
  /** The reload that is under way, or how the last one ended; absent: there has been none. */
  readonly reload?: ReloadInfo;
  /** Promises that are lost, each with its condition; in brief lists too. Absent: none. */
  readonly problems?: readonly ProblemInfo[];
  /** How it differs from what is declared, though stateward has done what it was asked to; in brief lists too. Absent: in nothing. */
  readonly drift?: readonly DriftInfo[];
  /** Why the app is not healthy, in one line; in brief lists too. Absent: it is. */
  readonly why?: string;
  /** Of apps with cron_restart or schedule: when it comes due next; null while the app is stopped. */
  readonly nextRun?: string | null;
  /** Of apps with a schedule: the runs that go on, then the last that ended, newest first. */
  readonly runs?: readonly RunStatus[];
  /** Runs of its hooks: those that go on, then the last ten of each hook, newest first. Absent: none, and in brief lists. */
  readonly hooks?: readonly HookRunStatus[];
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

/** One reload of an app: its processes read their settings again, and stay. */
export interface ReloadInfo {
  readonly state: 'progressing' | 'succeeded' | 'failed';
  /** That asked for it. */
  readonly generation: number;
  /** Why: `nginx.conf changed`, `asked for by ann`. */
  readonly detail: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Of a failed one. */
  readonly reason: Reason | null;
  readonly message: string | null;
  readonly slot: number | null;
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
  /** Absent: of an app that leaves. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** Secrets are redacted unless the request asked for them; null when the request asked for none. */
  readonly spec: AppSpec | null;
  readonly status: AppStatus;
  /** Where its output goes. */
  readonly logs: { readonly out: string | null; readonly error: string | null };
  /** Absent: the request did not look things up (`ports`), it has no process, or the runner is too old to know. */
  readonly logUsage?: LogUsageInfo;
  /** The source that declares it; absent: it was declared by hand. */
  readonly source?: AppSourceInfo;
  /**
   * Where each setting stood when it was applied: `script`, `env.LEVEL`; what is not here is a default, or follows from others.
   * Absent: in brief lists and without a spec, of what no file declares, and where it was not recorded.
   */
  readonly origins?: Readonly<Record<string, SettingOrigin>>;
}

/**
 * GET /v1/apps?selector=S&selector=…&spec=none|redacted|full&detail=brief|full&ports=true[&watch=true: server-sent, one AppList an
 * event]. `detail=brief` is for tables: `conditions` are empty then, and the files of `logs` null. Of a watch:
 * `usage=true` sends a list after every round of samples too, `agents=true` has the agents measure `figures`, and with
 * `partial=true` the lists after the first have only what has changed. What is wrong with the daemon itself, and `http` where it
 * has problems: where every app was asked for.
 */
export interface AppList extends DaemonTrouble {
  readonly apiVersion: 'v1';
  readonly kind: 'AppList';
  readonly items: readonly App[];
  /** Apps that are not listed are as they were. Absent: all are listed. */
  readonly partial?: true;
  /** Of a partial list: apps that are not there any more. */
  readonly gone?: readonly AppKey[];
}
