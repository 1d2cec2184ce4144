import type { AppKey } from '../../lib/app-key.ts';
import type { GivenPorts } from '../../spec/ports/slot-ports.ts';
import type { CodeIdentity } from './code.ts';
import type { AcceptedApp } from './desired.ts';
import type { HookRecord, HookRun } from './hooks.ts';
import type { Reason } from './reasons.ts';

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
  /** With `requested`: it was found unfit, so its end counts like one of its own; absent: it was not. */
  readonly unfit?: Reason;
  /** Without `requested`: a person has sent the signal through stateward; absent: not that it is known. */
  readonly sent?: true;
  /** With `requested`: it outlived its grace period and was killed. */
  readonly killed?: true;
  /** The host was started again while it ran; absent: it was not. */
  readonly hostRestarted?: true;
  /** Why it could not be started (`spawn: ENOENT ...`), else null. */
  readonly error: string | null;
  /** With `error`: nobody has tried, because the runner ended before; absent: somebody has. */
  readonly neverStarted?: true;
  /** With `error`: for want of what the host may have again in a moment, as processes or descriptors; absent: not. */
  readonly shortage?: true;
  /** With its last reload: which, and how long after it it ended; absent: it had none. */
  readonly reload?: { readonly count: number; readonly forMs: number };
  /** What a person should know about the end, and the way out; absent: nothing. */
  readonly note?: string;
}

/**
 * starting ──▶ running ──▶ stopping ──▶ exited      (a spawn that fails goes from starting to exited)
 * unverified: recorded as ours and alive, but its identity cannot be proven; never signalled, never doubled.
 */
export type InstanceState = 'starting' | 'running' | 'stopping' | 'exited' | 'unverified';

/** What an instance still lacks, where something other than time says whether it is ready. */
export interface NotReady {
  /** Milliseconds since it was last ready, or since it began. */
  readonly forMs: number;
  /** For people: `readiness probe: GET http://127.0.0.1:3000/ answered 503`. */
  readonly because: string;
  /** Whether listen_timeout counts now; a startup probe that has not succeeded has a limit of its own. */
  readonly isDue: boolean;
  /** It has asked to be waited for until it has been not ready for so many milliseconds, whatever listen_timeout says. */
  readonly asksForMs?: number;
  /** Nothing has looked long enough to know. It may serve well, so it is not given up lightly. */
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
  /** Ports that were chosen for it, by name; absent: none. */
  readonly ports?: GivenPorts;
  readonly revision: number;
  readonly templateHash: string;
  /** What it was started from; absent: not known, as of processes that an older version started. */
  readonly code?: CodeIdentity;
  /** The last reload that was asked for before it was started, and that it needs no more; absent: none. */
  readonly startReloads?: number;
  /** The last time that it was asked to read its settings again; absent: it never was. `forMs`: since it began, or was over. */
  readonly reload?: {
    readonly count: number;
    readonly state: 'running' | 'done' | 'failed';
    readonly forMs: number;
    /** Why it has failed. */
    readonly message?: string;
  };
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
  /** It takes no connections from its shared sockets while it is not ready; absent: it does, or shares none. */
  readonly accepting?: false;
  /** Where the sockets listen that it was started with; absent: none. */
  readonly sockets?: readonly string[];
  /** It has shared sockets that no other process can be given any more. */
  readonly socketsLost?: boolean;
  /** Milliseconds that it has been ready without a break; absent: not known. */
  readonly readyForMs?: number;
  /** It was ready at some time; absent: nobody has seen it ready. */
  readonly wasReady?: true;
  /** Its post_start hook runs once it is ready: the app had one when it was started. */
  readonly postStart?: true;
  /** What became of its limits; absent: it has none, or its runner knows none. */
  readonly limits?: { readonly state: 'set' | 'unavailable'; readonly message: string };
  /** What became of its nice, rlimits and the like; absent: it has none, or its runner knows none. */
  readonly tuning?: { readonly state: 'set' | 'partly' | 'changing'; readonly message: string };
  /** What it has said of itself by sd_notify; absent: it cannot. */
  readonly notify?: {
    readonly status?: string;
    readonly state?: 'reloading' | 'stopping';
    /** It has not said for too long that it is alive, or has said that it hangs. */
    readonly silent?: true;
    /** The process that it is to be when the one that it is now has ended. */
    readonly mainPid?: number;
    /** It wants to be waited for until it has been up for so many milliseconds. */
    readonly waitUntilMs?: number;
  };
  /** It is what starts a program that has not gone into the background yet; absent: it is not, or the runner cannot tell. */
  readonly launching?: true;
  /** Its main process has ended by itself, and these processes that it left behind are being ended. */
  readonly leftBehind?: readonly number[];
  /** The runner's records did not know it: it was taken over by the mark that it carries. */
  readonly foundByMark?: true;
  /** Promises of the runner that are broken; absent: none is known to be. */
  readonly problems?: readonly { readonly code: string; readonly message: string }[];
  /** Set when `state` is `exited`. */
  readonly exit: InstanceExit | null;
}

/** A process that runs a hook, as the runner reports it. Its own `slot` is -1: it is in none. */
export interface ObservedHook extends ObservedInstance {
  readonly hook: HookRun;
}

/** What is remembered of a slot from one process to the next; durable. */
export interface SlotHistory {
  readonly slot: number;
  /** Starts that an exit made necessary, since the app was created. */
  readonly restarts: number;
  /** The same by the reason why the process before ended. Restarts of before this was counted are in `restarts` alone. */
  readonly restartsByReason?: Readonly<Record<string, number>>;
  /** When the last of them became necessary, epoch milliseconds; absent: there was none, or it is not known. */
  readonly lastRestartAt?: number;
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
   * Template and restart counter of the process that ended last: when either changes, the slot starts afresh. (The
   * generation does not count: a live edit must neither run a completed job again nor end a back-off.)
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

/** The runner is there and does not answer: it was stopped, swapped out, or hangs. */
export interface Silence {
  readonly pid: number | null;
  /** When it said something last, epoch milliseconds. */
  readonly since: number;
  /** For people: who does not answer, why as far as it is known, and the way out. */
  readonly message: string;
}

/** All that is known about a host at one moment. */
export interface Observed {
  /** False: the runner does not answer; nothing may be concluded from `instances`. */
  readonly reachable: boolean;
  /** With `reachable` false: why, where the runner is there. */
  readonly silence?: Silence | null;
  readonly instances: readonly ObservedInstance[];
  /** Processes that run hooks; absent: none. */
  readonly hooks?: readonly ObservedHook[];
  readonly history: readonly {
    readonly key: AppKey;
    readonly slots: readonly SlotHistory[];
    /** Newest first. */
    readonly hooks?: readonly HookRecord[];
  }[];
  readonly accepted: readonly AcceptedApp[];
}
