import type { InstanceLabels } from './orders.ts';

/** The two streams that an instance writes to. */
export type StreamName = 'out' | 'error';

/** One line of what an instance has written, without its end; of a long one only the beginning. */
export interface TailLine {
  readonly stream: StreamName;
  readonly line: string;
}

export interface RunnerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly upMs: number;
  /** The runner had been asked to stop it. */
  readonly requested: boolean;
  /** It outlived its grace period and got SIGKILL. */
  readonly killed: boolean;
  /** It ended with an earlier boot of the host, and nobody saw how; absent: it did not. */
  readonly hostRestarted?: true;
  /** Why it could not be started, else null. */
  readonly error: string | null;
  /** With `error`: nobody has tried, because the runner ended before; absent: somebody has. */
  readonly neverStarted?: true;
  /** With `error`: for want of what the host may have again in a moment (processes, descriptors, memory, room); absent: not. */
  readonly shortage?: true;
  /** With its last reload: which, and how long after it it ended; absent: it had none. */
  readonly reload?: { readonly count: number; readonly forMs: number };
  /** What a person should know of how it ended, with the way out; absent: nothing. */
  readonly note?: string;
}

/** A promise to an instance that does not hold at the moment; gone from its line when it holds again. */
export interface RunnerProblem {
  /** `log-write-failed`, `log-rotation-failed`, `log-dropped`, `output-lost`, `leftovers`, `ledger-not-written`; a newer runner may know more. */
  readonly code: string;
  /** One line for people: what is lost, where, and the way out. */
  readonly message: string;
}

/** The last time that an instance was asked to read its settings again. */
export interface RunnerReload {
  readonly count: number;
  /** `running`: its command is. */
  readonly state: 'running' | 'done' | 'failed';
  /** Milliseconds since it began, or was over. */
  readonly forMs: number;
  /** Why it has failed. */
  readonly message?: string;
}

/** One line of the process table. */
export interface RunnerInstance {
  readonly nonce: string;
  readonly labels: InstanceLabels;
  readonly state: 'starting' | 'running' | 'stopping' | 'exited' | 'unverified';
  readonly pid: number | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly upMs: number;
  /** Taken over from an earlier runner: its exit code cannot be known. */
  readonly adopted: boolean;
  /** The ledger did not know it: it was found by what its environment says of it. */
  readonly byMark?: true;
  readonly exit: RunnerExit | null;
  /** It has called `process.send('ready')`; kept for as long as it lives. An old runner does not say. */
  readonly ready?: boolean;
  /** Messages reach it: it was started with a channel, or its agent got it one, and neither end has closed it. */
  readonly connected?: boolean;
  /** Only of one that was started with limits. */
  readonly limits?: InstanceLimits;
  /** Only of one that is to have any; an old runner does not say. */
  readonly tuning?: InstanceTuning;
  /** Only of one that was started with a socket for it. */
  readonly notify?: InstanceNotify;
  /** Shared sockets that it listens on: `127.0.0.1:3000`, `[::]:53/udp`, `/run/api.sock`. Absent: it shares none. */
  readonly listening?: readonly string[];
  /** Where the sockets listen that it was started with, in the order of their descriptors; absent: none. */
  readonly sockets?: readonly string[];
  /**
   * It listens on shared sockets, or was started with sockets, that an earlier runner held, and nobody has handed them over: it goes on serving,
   * but no other process can be given them, so that their addresses are free only when all that have them have ended.
   */
  readonly socketsLost?: boolean;
  /** Its program puts itself into the background, and has not done so yet: what runs is what starts it. */
  readonly launching?: true;
  /** Its main process has ended by itself, and these that it has left behind are being ended. */
  readonly leftBehind?: readonly number[];
  /** Absent: none was asked for. */
  readonly reload?: RunnerReload;
  /** What does not hold of what it was promised; absent: nothing, or an old runner that does not say. */
  readonly problems?: readonly RunnerProblem[];
}

/** What an instance has said of itself by sd_notify(3). */
export interface InstanceNotify {
  /** One line; absent: nothing. */
  readonly status?: string;
  readonly state?: 'reloading' | 'stopping';
  /** It was to say that it is alive, and has not for too long, or has said that it hangs. */
  readonly silent?: true;
  /** The process that it is to be when the one that it is now has ended. */
  readonly mainPid?: number;
  /** It wants to be waited for until it has been up for so many milliseconds. */
  readonly waitUntilMs?: number;
}

/** What became of what its processes were to have: nice, rlimits and the like. */
export interface InstanceTuning {
  /** `partly`: some of it is not in force. `changing`: it is on its way to processes that run. */
  readonly state: 'set' | 'partly' | 'changing';
  /** What is in force (`nice 5, rlimits.nofile 65536`), or what is not, why, and the way out. */
  readonly message: string;
}

/** What became of the limits of an instance. */
export interface InstanceLimits {
  /** `unavailable`: it runs without any. */
  readonly state: 'set' | 'unavailable';
  /** The settings (`memory.max 268435456, pids.max 64`), or why there are none. */
  readonly message: string;
}

/** What an app has written since the runner began: bytes as they came, and lines that a file did not take in time. */
export interface AppLogUsage {
  /** `project/name`. */
  readonly app: string;
  readonly bytes: number;
  readonly droppedLines: number;
}

/** What has become of a log file that was to be emptied. */
export interface EmptiedLog {
  readonly path: string;
  /** How large it was. */
  readonly bytes: number;
  /** Rotated files beside it, and their size; removed where that was asked for. */
  readonly rotatedFiles: number;
  readonly rotatedBytes: number;
  /** Why it was left as it is; absent: it is empty. */
  readonly skipped?: string;
}
