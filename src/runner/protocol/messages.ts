/**
 * What controller and runner say to each other: one JSON object a line (NDJSON) over `run/runner.sock`.
 *
 * The controller sends requests, each with an `id`; the runner answers each with a response of the same `id`, and sends
 * events without one. Fields are only ever added; version.ts says what an older and a newer one do with each other.
 */

/** Longest line that either side accepts. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** What the controller wants to find again later. The runner keeps it and reads only what its own work needs. */
export interface InstanceLabels {
  readonly project: string;
  readonly app: string;
  readonly slot: number;
  readonly generation: number;
  readonly restartGeneration: number;
  readonly revision: number;
  readonly templateHash: string;
  /** What it was started from, as the controller had read it; absent: it was not known. */
  readonly code?: CodeLabel;
}

/** The code of a process; fields as in the controller's own words. */
export interface CodeLabel {
  readonly id: string;
  readonly commit?: string;
  readonly branch?: string;
  readonly dirty?: true;
  readonly version?: string;
}

/** A stream of `daemon run`. */
export type DaemonStream = 'stdout' | 'stderr';

/** Where the lines of one instance go. Paths are absolute; null: nowhere. */
export interface LogSettings {
  readonly outFile: string | null;
  readonly errorFile: string | null;
  readonly combinedFile: string | null;
  /** Streams of `daemon run` that get the lines too, for as long as it runs. Absent: none. */
  readonly outTo?: DaemonStream;
  readonly errorTo?: DaemonStream;
  readonly combinedTo?: DaemonStream;
  /** dayjs tokens; null: lines are written as they came. */
  readonly dateFormat: string | null;
  /** One JSON record a line: message, timestamp, type, process_id, app_name. */
  readonly json: boolean;
  readonly rotate: {
    readonly sizeBytes: number;
    readonly keep: number;
    readonly intervalMs: number | null;
    readonly compress: boolean;
  } | null;
}

/** What is to become of the processes that a main process leaves behind. */
export interface LeftoversPolicy {
  /** `end`: they are asked to end, then killed, before the instance counts as exited. `keep`: only the main process is stopped. */
  readonly mode: 'end' | 'keep';
  /** Between asking and SIGKILL, where nobody has asked for the stop. */
  readonly graceMs: number;
}

/** How to find a program that puts itself into the background. */
export interface BackgroundSettings {
  /** It will: when the process that was started has ended well, another one is the instance. */
  readonly expected: boolean;
  /** Absolute path of the file in which it writes which one; null: the one that it leaves behind. */
  readonly pidFile: string | null;
}

/** What the kernel is to hold an instance to; null: not limited. */
export interface ProcessLimits {
  readonly memoryBytes: number | null;
  /** Processors, in parts. */
  readonly cpus: number | null;
  readonly pids: number | null;
}

/** What became of it. */
export interface InstanceLimits {
  /** `unavailable`: it runs without any. */
  readonly state: 'set' | 'unavailable';
  /** The settings (`memory.max 268435456, pids.max 64`), or why there are none. */
  readonly message: string;
}

export interface SpawnSpec {
  readonly nonce: string;
  readonly labels: InstanceLabels;
  /** Executable (path or name on the PATH of `env`) and its arguments, argv[1] on. Never given to a shell. */
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute path of the file that `file` is to run: without it nothing is spawned. Absent: not looked at. */
  readonly script?: string;
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly uid: string | number | null;
  readonly gid: string | number | null;
  readonly logs: LogSettings;
  /** Gives it a channel of Node's kind (NODE_CHANNEL_FD); for Node programs only. Absent: none. */
  readonly ipc?: boolean;
  /**
   * With `ipc`: what it listens on is bound by the runner and shared by all instances of its app (project and name of
   * `labels`). Absent: it binds for itself.
   */
  readonly shared?: boolean;
  /** Enforced where the runner has a cgroup v2 of its own. Absent or null: none. */
  readonly limits?: ProcessLimits | null;
  /** Absent: they are named, and left alone unless a stop of the whole tree was asked for. */
  readonly leftovers?: LeftoversPolicy;
  /** Absent: the process that is started is the instance. */
  readonly background?: BackgroundSettings;
  /** `open`: nothing to read, and no end, whatever becomes of the runner. Absent or `null`: /dev/null. */
  readonly stdin?: 'open' | 'null';
  /** Absent: the usual 022. */
  readonly umask?: number;
}

/** One line of what an instance has written, without its end; of a long one only the beginning. */
export interface TailLine {
  readonly stream: 'out' | 'error';
  readonly line: string;
}

export interface StopSpec {
  readonly nonce: string;
  readonly signal: string;
  /** Send `signal` to the whole process group; the final SIGKILL always goes to the group. */
  readonly tree: boolean;
  readonly graceMs: number;
  /**
   * First take no new work and let what is under way end, for at most so long; of processes with a channel only. Absent
   * or 0: `signal` goes out at once.
   */
  readonly drainMs?: number;
  /** Say `shutdown` over its channel in place of `signal`; the signal goes to one that has none. Absent: false. */
  readonly message?: boolean;
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
  /** Why it could not be started, else null. */
  readonly error: string | null;
  /** What a person should know of how it ended, with the way out; absent: nothing. */
  readonly note?: string;
}

/** A promise to an instance that does not hold at the moment; gone from its line when it holds again. */
export interface RunnerProblem {
  /** `log-write-failed`, `log-rotation-failed`, `log-dropped`, `leftovers`; a newer runner may know more. */
  readonly code: string;
  /** One line for people: what is lost, where, and the way out. */
  readonly message: string;
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
  readonly exit: RunnerExit | null;
  /** It has called `process.send('ready')`; kept for as long as it lives. An old runner does not say. */
  readonly ready?: boolean;
  /** Messages reach it: it was started with a channel, by this runner, and neither end has closed it. */
  readonly connected?: boolean;
  /** Only of one that was started with limits. */
  readonly limits?: InstanceLimits;
  /** Shared sockets that it listens on: `127.0.0.1:3000`, `[::]:53/udp`, `/run/api.sock`. Absent: it shares none. */
  readonly listening?: readonly string[];
  /**
   * It listens on shared sockets that an earlier runner held: it goes on serving, but nobody can be given them any more,
   * so that their addresses are free only when all that have them have ended.
   */
  readonly socketsLost?: boolean;
  /** Its main process has ended by itself, and these that it has left behind are being ended. */
  readonly leftBehind?: readonly number[];
  /** What does not hold of what it was promised; absent: nothing, or an old runner that does not say. */
  readonly problems?: readonly RunnerProblem[];
}

export type RunnerRequest =
  /** First request of a connection. `controller: true` claims the one place of a controller; the newest claim wins. */
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      readonly version: string;
      readonly controller: boolean;
      /** Of a controller that somebody else starts again when it dies: no other is started at once. Absent: false. */
      readonly supervised?: boolean;
    }
  | { readonly kind: 'list' }
  /** Answered when the process is up or has failed to start. */
  | { readonly kind: 'spawn'; readonly spec: SpawnSpec }
  /** Answered at once; the exit event follows. Asking again with a shorter grace shortens it. */
  | { readonly kind: 'stop'; readonly spec: StopSpec }
  /** Sends a signal and nothing more. */
  | { readonly kind: 'signal'; readonly nonce: string; readonly signal: string; readonly tree: boolean }
  /** Sends a message over its channel, as `child.send()` of Node does; `busy` when it has none or does not read. */
  | { readonly kind: 'send'; readonly nonce: string; readonly message: unknown }
  /** Replaces labels and log settings of a live instance; the process is not touched. */
  | {
      readonly kind: 'update';
      readonly nonce: string;
      readonly labels: InstanceLabels;
      readonly logs: LogSettings;
      /** Absent: as before. */
      readonly leftovers?: LeftoversPolicy;
      readonly background?: BackgroundSettings;
    }
  /** Asks for the last lines of an instance, live or exited; `busy` when an earlier runner has read them. */
  | { readonly kind: 'tail'; readonly nonce: string }
  /** Acknowledges an exit: the record is dropped. */
  | { readonly kind: 'forget'; readonly nonce: string }
  /** Reopens every log file, after something else moved it. */
  | { readonly kind: 'reopen-logs' }
  /** The controller is to stay away (`daemon stop`): do not start another until one says hello. */
  | { readonly kind: 'park' }
  /** Ends the runner; refused while an instance lives. */
  | { readonly kind: 'shutdown' };

export type RunnerResponse =
  | { readonly id: number; readonly ok: true; readonly result: RunnerResult }
  | {
      readonly id: number;
      readonly ok: false;
      readonly error: {
        readonly code: RunnerErrorCode;
        readonly message: string;
        /** The way out, for people. */
        readonly hint?: string;
      };
    };

export type RunnerErrorCode =
  'newer-runner' | 'unsupported' | 'bad-request' | 'unknown-instance' | 'busy' | 'exists';

export type RunnerResult =
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      readonly version: string;
      readonly pid: number;
      /** Differs for every runner process: a controller that sees another one has lost what the old one knew. */
      readonly epoch: string;
    }
  | { readonly kind: 'list'; readonly instances: readonly RunnerInstance[] }
  | { readonly kind: 'instance'; readonly instance: RunnerInstance }
  /** In the order in which they came; of one that has exited all is in that it wrote. */
  | { readonly kind: 'tail'; readonly lines: readonly TailLine[] }
  | { readonly kind: 'done' };

export type RunnerEvent =
  /** An instance started, is stopping, or exited, or its problems are others: its line as it is now. */
  | { readonly event: 'instance'; readonly instance: RunnerInstance }
  /** What it has sent besides `ready`; what is too large or comes too fast is dropped. */
  | { readonly event: 'message'; readonly nonce: string; readonly message: unknown }
  /** Something a person should know: dropped log lines, survivors of a kill, a process that is not proven ours. */
  | {
      readonly event: 'notice';
      readonly nonce: string | null;
      readonly code:
        'log-dropped' | 'log-write-failed' | 'survivors' | 'unverified' | 'kill-timeout' | 'messages-dropped';
      readonly message: string;
    };

/** A request as it goes over the wire. */
export type RunnerRequestFrame = RunnerRequest & { readonly id: number };
/** What the runner sends. */
export type RunnerFrame = RunnerResponse | RunnerEvent;
