import type {
  BackgroundSettings,
  InstanceLabels,
  LeftoversPolicy,
  LogSettings,
  SocketSpec,
  ReloadSpec,
  SpawnSpec,
  StopSpec,
  Tuning,
} from './orders.ts';
import type { AppLogUsage, EmptiedLog, RunnerInstance, TailLine } from './reports.ts';

/**
 * What controller and runner say to each other: one JSON object a line (NDJSON) over `run/runner.sock`.
 *
 * The controller sends requests, each with an `id`; the runner answers each with a response of the same `id`, and sends
 * events without one. Fields are only ever added; version.ts says what an older and a newer one do with each other.
 */

/** Longest line that either side accepts. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

export type RunnerRequest =
  /** First request of a connection. `controller: true` claims the one place of a controller; the newest claim wins. */
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      readonly version: string;
      readonly controller: boolean;
      /** Of a controller that somebody else starts again when it dies: no other is started at once. Absent: false. */
      readonly supervised?: boolean;
      /** Of a controller that says something every few seconds: one that falls silent is ended. Absent: it may be quiet. */
      readonly pid?: number;
    }
  /** Whether the runner still answers. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'list' }
  /** Answered when the process is up or has failed to start. */
  | { readonly kind: 'spawn'; readonly spec: SpawnSpec }
  /** Answered at once; the exit event follows. Asking again with a shorter grace shortens it. */
  | { readonly kind: 'stop'; readonly spec: StopSpec }
  /**
   * Answered when the signal is sent, or the command has begun: what comes of that one is an event. `busy`: another one is
   * under way. Unknown to an older runner.
   */
  | { readonly kind: 'reload'; readonly spec: ReloadSpec }
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
      /** Its processes get it as far as the kernel lets us; the line says how far. Absent: as before. */
      readonly tuning?: Tuning;
    }
  /** Asks for the last lines of an instance, live or exited; `busy` when an earlier runner has read them. */
  | { readonly kind: 'tail'; readonly nonce: string }
  /** Acknowledges an exit: the record is dropped. */
  | { readonly kind: 'forget'; readonly nonce: string }
  /** Reopens every log file, after something else moved it. */
  | { readonly kind: 'reopen-logs' }
  /** Empties log files, by their absolute paths; `rotated`: removes what they were rotated to. Unknown to an older runner. */
  | { readonly kind: 'flush-logs'; readonly paths: readonly string[]; readonly rotated: boolean }
  /** How much apps have written. Unknown to an older runner. */
  | { readonly kind: 'log-usage' }
  /**
   * All the sockets that apps (`project/name`) are to have, whether they have a process or not: those of others are closed
   * when the last process that has them has ended. Until this is said first all are kept. Unknown to an older runner.
   */
  | { readonly kind: 'keep-sockets'; readonly apps: Readonly<Record<string, readonly SocketSpec[]>> }
  /** Processes are to have again what somebody has taken from them (nice, rlimits, ...). Unknown to an older runner. */
  | { readonly kind: 'check-limits' }
  /** The controller is to stay away (`daemon stop`): do not start another until one says hello. */
  | { readonly kind: 'park' }
  /** Ends the runner; refused while an instance lives. */
  | { readonly kind: 'shutdown' }
  /**
   * Gives the place of the runner to another one, which `command` starts: program and arguments. Answered when that one
   * serves, or when it cannot and all goes on here; orders of others wait meanwhile. Unknown to a runner that cannot.
   */
  | { readonly kind: 'hand-over'; readonly command: readonly [string, ...string[]] };

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
  | 'newer-runner'
  | 'unsupported'
  | 'bad-request'
  | 'unknown-instance'
  | 'busy'
  | 'exists'
  /** Its time was over when the runner came to it, so it was not carried out. */
  | 'expired'
  /** The other runner has not come up. */
  | 'not-handed-over';

export type RunnerResult =
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      readonly version: string;
      /** Which build of that version; an old runner does not say. */
      readonly build?: string;
      readonly pid: number;
      /** Differs for every runner process: a controller that sees another one has lost what the old one knew. */
      readonly epoch: string;
    }
  | { readonly kind: 'list'; readonly instances: readonly RunnerInstance[] }
  | { readonly kind: 'instance'; readonly instance: RunnerInstance }
  /** In the order in which they came; of one that has exited all is in that it wrote. */
  | { readonly kind: 'tail'; readonly lines: readonly TailLine[] }
  /** In the order in which they were named. */
  | { readonly kind: 'flushed'; readonly files: readonly EmptiedLog[] }
  /** Of apps that have a line on the table. */
  | { readonly kind: 'log-usage'; readonly apps: readonly AppLogUsage[] }
  /** Another runner has taken over so many processes, `ms` milliseconds after it was asked for. */
  | {
      readonly kind: 'handed-over';
      readonly pid: number;
      readonly version: string;
      readonly build: string;
      readonly instances: number;
      readonly ms: number;
    }
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
        | 'log-dropped'
        | 'log-write-failed'
        | 'survivors'
        | 'unverified'
        | 'kill-timeout'
        | 'messages-dropped'
        | 'found-by-mark'
        | 'shutdown-failed'
        | 'limits-restored';
      readonly message: string;
    };

/** A request as it goes over the wire. */
export type RunnerRequestFrame = RunnerRequest & {
  readonly id: number;
  /**
   * Up to when it may be begun, in milliseconds of the clock that processes of a host share; absent: whenever. Whoever
   * sent it has given up by then, and a request that has failed must not be carried out afterwards.
   */
  readonly deadline?: number;
};
/** What the runner sends. */
export type RunnerFrame = RunnerResponse | RunnerEvent;
