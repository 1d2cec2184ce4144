/** What the controller asks for of an instance: the shapes in requests. They import nothing. */

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
  /** Ports that were chosen for it, by name; absent: none. */
  readonly ports?: Readonly<Record<string, number>>;
  /** It is a hook of the app and in no slot: `slot` is -1. Absent: it is an instance. */
  readonly hook?: HookLabel;
  /** Its post_start hook is to run. Absent: it had none. */
  readonly postStart?: boolean;
  /** The reload that it needs no more, as its start came after it; absent: none. */
  readonly reloads?: number;
}

/** Which hook a process runs, and what for; fields as in the controller's own words. */
export interface HookLabel {
  readonly name: string;
  readonly of: string;
  readonly slot: number | null;
  readonly reason: string;
}

/** The code of a process; fields as in the controller's own words. */
export interface CodeLabel {
  readonly id: string;
  readonly commit?: string;
  readonly branch?: string;
  readonly dirty?: true;
  readonly version?: string;
  readonly aside?: string;
  readonly read?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly readSecrets?: Readonly<Record<string, string>>;
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
    /** Rotated files that were written last before so long are removed. Null or absent: none. */
    readonly maxAgeMs?: number | null;
    /** Of all log files of the app together; beyond it the oldest rotated ones are removed. Null or absent: no bound. */
    readonly maxTotalBytes?: number | null;
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

/** Where a declared socket listens. */
export type SocketPlace =
  /** `host`: an IP address; null: every address of the host. */
  | { readonly kind: 'tcp'; readonly host: string | null; readonly port: number }
  /** `mode`: permission bits of the file. Owner and group by name or id; null: the runner's. */
  | {
      readonly kind: 'path';
      readonly path: string;
      readonly mode: number;
      readonly uid: string | number | null;
      readonly gid: string | number | null;
    };

/** A socket that is bound for an app and passed to each of its processes, as sd_listen_fds(3) says. */
export interface SocketSpec {
  /** As in LISTEN_FDNAMES. */
  readonly name: string;
  readonly place: SocketPlace;
  /** Connections that may wait. */
  readonly backlog: number;
}

/** What the processes of an instance are to have of the host besides a cgroup; absent: what the runner itself has. */
export interface Tuning {
  /** -20 (runs first) to 19. */
  readonly nice?: number;
  readonly ionice?: {
    readonly class: 'none' | 'realtime' | 'best-effort' | 'idle';
    /** 0 (first) to 7; null: as the kernel has it for the class. */
    readonly priority: number | null;
  };
  /** -1000 (never killed for want of memory) to 1000 (first). */
  readonly oomScoreAdj?: number;
  /** By the names of prlimit(1): `nofile`. */
  readonly rlimits?: Readonly<Record<string, Rlimit>>;
  /** Processors, as taskset(1) has them: `0-3,6`. */
  readonly cpus?: string;
}

/** Null: unlimited. */
export interface Rlimit {
  readonly soft: number | null;
  readonly hard: number | null;
}

/** An app that says by sd_notify(3) how it is. */
export interface NotifySettings {
  /** It is to say that it is alive at least so often; null: it need not. */
  readonly watchdogMs: number | null;
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
  /** What it reads on standard input, in the place of `stdin`; at most 32 KiB, so that it outlives the runner. */
  readonly input?: string;
  /** Its exit code is known to a later runner too: a shell stands in front of it. Not with `ipc`. Absent: it is not. */
  readonly noteExit?: boolean;
  /**
   * Gives it a terminal for its three streams, which this program (its absolute path) makes and holds. Absent: it has none.
   */
  readonly tty?: string;
  /** Absent: the usual 022. */
  readonly umask?: number;
  /** Sockets that it gets as descriptors 3, 4, ..., in this order. Absent: none. */
  readonly sockets?: readonly SocketSpec[];
  /** It gets NOTIFY_SOCKET, and READY=1 there makes it ready. Absent: it has none. */
  readonly notify?: NotifySettings;
  /**
   * Why it cannot be started: nothing is spawned, and this is the error of its exit. Absent: it can. An older runner does not
   * know it: it is given a `script` that is not there as well.
   */
  readonly unresolved?: string;
  /** Absent: nothing of it. Unknown to an older runner, which then says nothing of it in its reports. */
  readonly tuning?: Tuning;
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
  /**
   * First run this, in place of the signal: that goes to what is still there when the command has failed, or when its
   * time is over. Absent: the signal goes out at once.
   */
  readonly command?: ErrandSpec;
}

/** A program that is run for an instance while that runs. It writes to the log of the instance. */
export interface ErrandSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; the runner adds the nonce, MAINPID and STATEWARD_PID. */
  readonly env: Readonly<Record<string, string>>;
  readonly uid: string | number | null;
  readonly gid: string | number | null;
  /** Then it is killed. */
  readonly timeoutMs: number;
}

/** Has the process of an instance read its settings again. It is not touched otherwise. */
export interface ReloadSpec {
  readonly nonce: string;
  /** One that is not higher than that of the last reload, or of the start, has been met already. */
  readonly count: number;
  /** What it runs once it has read them; absent: what it was started from. */
  readonly code?: CodeLabel;
  /** To the main process. */
  readonly signal?: string;
  /** In place of a signal; the reload has failed unless it ends with 0. */
  readonly command?: ErrandSpec;
}
