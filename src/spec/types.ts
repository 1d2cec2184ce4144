/**
 * Terminology, the same in the file, the code, the API and the docs.
 *
 * - ecosystem file: the declaration. project: the set of apps that one ecosystem file owns.
 * - app: one entry under `apps`, identified by `project/name`.
 * - instance: one running process of an app, in a slot (stable ordinal 0..n-1).
 * - spec: what is declared, normalised. desired: accepted specs plus operator overrides.
 * - observed: the process table as the runner reports it. status: what is published about it.
 * - generation: integer, bumped when the desired state of an app changes.
 * - restartGeneration: a counter beside the spec; bumping it makes every instance outdated.
 * - revision: one accepted version of a project (numbered, hashed, kept).
 */

/** What a change of a field costs: a new process, another number of processes, or nothing. */
export type ChangeClass = 'template' | 'scale' | 'live';

/** Rotation of log files by rename. Sizes in bytes, intervals in milliseconds. */
export interface LogRotateSpec {
  readonly size: number;
  /** How many rotated files are kept. */
  readonly keep: number;
  readonly interval: number | null;
  readonly compress: boolean;
}

export type DependencyCondition = 'started' | 'ready' | 'completed';

/**
 * What an app asks of one that it depends on. A condition alone restarts nothing; this is also the form of specs that
 * were stored before `restart` was there.
 */
export type Dependency =
  DependencyCondition | { readonly condition: DependencyCondition; readonly restart: true };

export interface ProbeSpec {
  readonly http?: {
    readonly port: number;
    readonly path: string;
    readonly host: string;
    readonly status?: number;
    /** Absent: a process of the instance has to be who answers, where the host tells. */
    readonly listener?: 'any';
  };
  readonly tcp?: { readonly port: number; readonly host: string; readonly listener?: 'any' };
  readonly exec?: { readonly command: readonly string[] };
  readonly log?: string;
  readonly period: number;
  readonly timeout: number;
  readonly initial_delay: number;
  readonly success_threshold: number;
  readonly failure_threshold: number;
}

/** How files are watched. */
export interface WatchOptionsSpec {
  readonly usePolling: boolean;
  /** Milliseconds between two looks of `usePolling`. */
  readonly interval: number;
  readonly followSymlinks: boolean;
  /** null: all folders below. */
  readonly depth: number | null;
}

/** What the kernel holds one instance to; null: that one is not limited. */
export interface LimitsSpec {
  /** Bytes. */
  readonly memory: number | null;
  /** Processors: 0.5 is half of one. */
  readonly cpu: number | null;
  /** Processes and threads. */
  readonly pids: number | null;
}

export interface RolloutSpec {
  readonly max_surge: number;
  readonly max_unavailable: number;
  readonly parallel: number;
  readonly min_ready: number;
  readonly deadline: number | null;
  readonly on_failure: 'rollback' | 'pause' | 'continue';
}

/**
 * One app, normalised: aliases resolved, every default filled in, paths absolute, durations in milliseconds, sizes in
 * bytes, environment merged. Keys are those of the ecosystem file, so that a printed spec can be applied again.
 * `null` means "not set".
 */
export interface AppSpec {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;

  // template: a change needs a new process
  /** Absolute path, or the name of a command on PATH, or (with `shell`) a shell line. */
  readonly script: string;
  /** Program that runs the script: a path or a command on PATH; `none` runs the script itself. */
  readonly interpreter: string;
  readonly interpreter_args: readonly string[];
  readonly args: readonly string[];
  readonly cwd: string;
  /** The app's own variables: inherit_env, env_file, env and env_<name>, merged in this order. */
  readonly env: Readonly<Record<string, string>>;
  /** Names that are secrets beside those that tell by themselves; `*` stands for any part. Absent: none. */
  readonly secrets?: readonly string[];
  readonly exec_mode: 'fork' | 'cluster';
  readonly shell: boolean;
  readonly uid: string | number | null;
  readonly gid: string | number | null;
  readonly instance_var: string;
  readonly increment_var: string | null;
  readonly agent: boolean;
  /** Absent in specs that were stored before it was there. */
  readonly limits?: LimitsSpec | null;
  /** The code that is compared: a list names paths and globs, relative to `cwd`. Absent: `auto`. */
  readonly code?: 'off' | readonly string[];
  /** Absent: nothing beside what never counts. */
  readonly code_ignore?: readonly string[];
  /** The name of the release; absent: it has none. */
  readonly version?: string;
  /** Absent in specs that were stored before it was there: open. */
  readonly stdin?: 'open' | 'null';

  // scale
  /** Resolved against the host's processors: always 1 or more. */
  readonly instances: number;

  // live: taken over without touching a process
  readonly autostart: boolean;
  readonly autorestart: boolean;
  readonly stop_exit_codes: readonly number[];
  /** Exits that are the end of work done; absent: 0 alone. */
  readonly success_exit_codes?: readonly number[];
  readonly min_uptime: number;
  /** null: never gives up. n: `Failed` after more than n unstable restarts in the window; 0: after the first exit. */
  readonly max_restarts: number | null;
  /** null: the default back-off. */
  readonly restart_delay: number | null;
  readonly exp_backoff_restart_delay: number | null;
  readonly kill_timeout: number;
  /** Signal the whole process group (true) or the main process only, before the final SIGKILL of the group. */
  readonly treekill: boolean;
  /** What becomes of processes that outlive the main process. Absent in specs that were stored before it was there: end. */
  readonly leftovers?: 'end' | 'keep';
  /** The program puts itself into the background. Absent in specs that were stored before it was there: false. */
  readonly daemonize?: boolean;
  /** Absolute path of the file that says which process is then the instance. Absent in older specs: null. */
  readonly pid_file?: string | null;
  readonly shutdown_with_message: boolean;
  readonly wait_ready: boolean;
  readonly listen_timeout: number;
  readonly max_memory_restart: number | null;
  readonly cron_restart: string | null;
  /** A name of the tz database; null: the time zone of the daemon. */
  readonly cron_timezone: string | null;
  readonly cron_catch_up: boolean;
  /** A job that runs at these times, and not else; `autorestart` is then false and `instances` 1. */
  readonly schedule: string | null;
  readonly concurrency: 'forbid' | 'replace' | 'allow';
  readonly watch: boolean | readonly string[];
  readonly ignore_watch: readonly string[];
  readonly watch_delay: number;
  /** null: as if every option had its default. */
  readonly watch_options: WatchOptionsSpec | null;
  readonly readiness: ProbeSpec | null;
  readonly liveness: ProbeSpec | null;
  readonly startup: ProbeSpec | null;
  readonly heartbeat: { readonly interval: number; readonly misses: number } | null;
  readonly depends_on: Readonly<Record<string, Dependency>>;
  readonly rollout: RolloutSpec;
  /** Absolute path; null: the default below the home; `/dev/null`: nowhere. */
  readonly out_file: string | null;
  readonly error_file: string | null;
  /** Both streams together, beside the two files; null: no such file. */
  readonly log_file: string | null;
  readonly merge_logs: boolean;
  readonly disable_logs: boolean;
  /** dayjs tokens, as in PM2; null: lines are written as they came. */
  readonly log_date_format: string | null;
  readonly log_type: 'raw' | 'json';
  readonly log_rotate: LogRotateSpec | null;
  /** Refuse to remove this app unless a wipe is allowed. */
  readonly protect: boolean;
}

/** Where a project was declared. */
export interface ProjectSource {
  /** Absolute paths of the ecosystem files; `-` for standard input; empty for apps started by hand. */
  readonly files: readonly string[];
  /** The name given with `--env`, or null. */
  readonly env: string | null;
  /** With links on the way: where each of the files really lies. Absent: where `files` says, or it was not recorded. */
  readonly realFiles?: readonly string[];
  /** The files say themselves what their project is called (`project:`). Absent: it is called after a folder. */
  readonly named?: true;
}

/** Names that were others before. */
export interface Moved {
  /** What the project was called. */
  readonly from?: string;
  /** What apps were called, by the name that they have now. */
  readonly apps?: Readonly<Record<string, string>>;
}

/** One project as declared now: what `apply` sends. */
export interface ProjectSpec {
  readonly project: string;
  readonly moved?: Moved;
  readonly source: ProjectSource;
  /** In the order of the file. */
  readonly apps: readonly AppSpec[];
}

/** One field that differs between two specs. `redacted`: the values shown are not the real ones, which differ. */
export interface FieldChange {
  /** Dotted path in the spec: `env.LOG_LEVEL`, `log_rotate.size`, `args`. */
  readonly path: string;
  /** undefined: not set. */
  readonly before: unknown;
  readonly after: unknown;
  readonly class: ChangeClass;
  readonly redacted: boolean;
  /** What the values do not tell: `12 files under api/`. */
  readonly note?: string;
}
