import type { AppKey } from '../lib/app-key.ts';
import type { Failure } from '../lib/failure.ts';
import type { Result } from '../lib/result.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { GivenPorts } from '../spec/ports/slot-ports.ts';
import type { StopOrder } from '../plan/model/stop-order.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { HookFacts, HookRun } from '../plan/model/hooks.ts';
import type { ObservedHook, ObservedInstance, Silence } from '../plan/model/observed.ts';
import type { OutputLine } from '../plan/model/rollout.ts';

/** Why the driver could not do what it was asked. */
export interface DriverError {
  /** `unsupported`: what answers is too old to know it. */
  readonly code: 'unreachable' | 'unknown-instance' | 'unsupported' | 'refused';
  readonly message: string;
}

/** Something changed in the process table, or a person should know of something. Never a command. */
export type DriverEvent =
  | { readonly kind: 'instance'; readonly instance: ObservedInstance }
  /** The same of a process that runs a hook. */
  | { readonly kind: 'hook'; readonly hook: ObservedHook }
  | {
      readonly kind: 'notice';
      readonly nonce: string | null;
      readonly code: string;
      readonly message: string;
    }
  /** What a process has sent over its channel, besides that it is ready. */
  | { readonly kind: 'message'; readonly nonce: string; readonly message: unknown }
  /** The processes can be seen and changed (again), or cannot. */
  | { readonly kind: 'connected'; readonly epoch: string }
  | { readonly kind: 'disconnected' }
  /** Who holds them is there and does not answer: stopped, or hung. */
  | { readonly kind: 'silent'; readonly failure: Failure }
  /** They could be seen and changed, but not by this program. */
  | { readonly kind: 'refused'; readonly failure: Failure };

/** One process to start. */
export interface StartOrder {
  /** What the process is called from now on; no other one ever is. */
  readonly nonce: string;
  /** The version of the app that it runs. */
  readonly app: DesiredApp;
  readonly slot: number;
  /** Ports that were chosen for it; absent: none. */
  readonly ports?: GivenPorts | undefined;
  /** What it is started from; undefined: not known. */
  readonly code: CodeIdentity | undefined;
  /** What its variables from elsewhere are; absent: it has none. */
  readonly secrets?: ResolvedSecrets | undefined;
  /** What `lackOf` has said: nothing is started, and this is how the start fails. Absent: it is tried. */
  readonly lack?: string | undefined;
}

/** Variables of an app whose values are read when they are needed. */
export interface ResolvedSecrets {
  readonly values: Readonly<Record<string, string>>;
  /** Why a process cannot be started with them; null: it can. */
  readonly unresolved: string | null;
}

/** What a process has been given, or one would be that is started now. */
export type Given = Pick<StartOrder, 'ports' | 'secrets'>;

/** One hook to run. */
export interface HookOrder {
  readonly nonce: string;
  /** The version of the app whose command, user and environment it has. */
  readonly app: DesiredApp;
  readonly run: HookRun;
  readonly facts: HookFacts;
  /** Ports that were chosen for the process that it is about, or for slot 0; absent: none. */
  readonly ports?: GivenPorts | undefined;
  /** What it reads on standard input, at most 32 KiB. Absent: nothing. */
  readonly input?: string;
  readonly secrets?: ResolvedSecrets | undefined;
}

/** One process that is to read its settings again. */
export interface ReloadOrder {
  readonly nonce: string;
  readonly app: DesiredApp;
  readonly slot: number;
  /** Of the reload that was asked for: a process that has met it already is left alone. */
  readonly count: number;
  /** What it runs afterwards; undefined: what it was started from. */
  readonly code: CodeIdentity | undefined;
  readonly secrets?: ResolvedSecrets | undefined;
}

/** Where the lines of one instance are kept; null: nowhere. Paths are absolute. */
export interface LogFiles {
  readonly outFile: string | null;
  readonly errorFile: string | null;
  readonly combinedFile: string | null;
  /** dayjs tokens; null: lines are kept as they came. */
  readonly dateFormat: string | null;
  readonly json: boolean;
}

/** What a program gets that is to run beside an instance: a probe's command. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid: string | number | null;
  readonly gid: string | number | null;
}

/**
 * How the controller sees and changes processes, in words of apps. What a process is and where it runs is the driver's
 * own business: a driver is a folder here, and a line in controller/context/create-driver.ts.
 */
export interface Driver {
  /** False while nothing is known of the processes; the table is then the last one known. */
  readonly reachable: boolean;
  /** Set while who holds the processes is there and does not answer. */
  readonly silence: Silence | null;
  /** The process table as last reported. */
  instances(): readonly ObservedInstance[];
  instancesOf(key: AppKey): readonly ObservedInstance[];
  instance(nonce: string): ObservedInstance | undefined;
  /** Processes that run hooks: they are in no slot, and not among the instances. */
  hooks(): readonly ObservedHook[];
  hooksOf(key: AppKey): readonly ObservedHook[];
  /** Resolves when the process is up, or its failure to start is on the table as an exit. */
  start(order: StartOrder): Promise<Result<ObservedInstance, DriverError>>;
  /** Why a start would fail, in the words of its exit, as far as that is known without one; null: nothing is known. */
  lackOf(order: StartOrder): Promise<string | null>;
  /** Runs the command of a hook, as `start` does an instance; refused when the app has no such hook. */
  startHook(order: HookOrder): Promise<Result<ObservedHook, DriverError>>;
  /** Takes a process as it runs into what is declared now: its record, log files and way to end change, and not it. */
  adopt(nonce: string, app: DesiredApp, slot: number): Promise<Result<void, DriverError>>;
  /** Resolves when the stop is under way; the exit follows as an event. Asked again, it can only become shorter. */
  stop(nonce: string, how: StopOrder, secrets?: ResolvedSecrets): Promise<Result<void, DriverError>>;
  /** Has a process read its settings again; it stays. Resolves when that has begun; what comes of it is on the table. */
  reload(order: ReloadOrder): Promise<Result<void, DriverError>>;
  /** `onSent`: called when it was sent, before what comes of it is told. */
  signal(
    nonce: string,
    signal: string,
    tree: boolean,
    onSent?: () => void,
  ): Promise<Result<void, DriverError>>;
  /** Sends a message over the channel of a process; refused when it has none. */
  send(nonce: string, message: unknown): Promise<Result<void, DriverError>>;
  /** What a process has written last, oldest first; one that has ended too, until it is forgotten. */
  tail(nonce: string): Promise<Result<readonly OutputLine[], DriverError>>;
  /** Drops the record of an ended process. */
  forget(nonce: string): Promise<Result<void, DriverError>>;
  logFiles(app: DesiredApp, slot: number): LogFiles;
  /** `ports`: those that were chosen for the instance; `secrets`: what its variables from elsewhere are. */
  surroundings(app: DesiredApp, slot: number, given?: Given): Surroundings;
  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: DriverEvent) => void): () => void;
}

/** What has become of a log file that was to be emptied. */
export interface EmptiedLog {
  readonly path: string;
  /** How large it was. */
  readonly bytes: number;
  readonly rotatedFiles: number;
  readonly rotatedBytes: number;
  /** Why it was left as it is; absent: it is empty. */
  readonly skipped?: string;
}

/** What an app has written since the runner began: bytes as they came, and lines that a file did not take in time. */
export interface AppLogUsage {
  readonly app: AppKey;
  readonly bytes: number;
  readonly droppedLines: number;
}

/** Who parents the processes. */
export interface RunnerInfo {
  readonly pid: number;
  readonly version: string;
  /** Absent: it is too old to say. */
  readonly build?: string;
  /** Another one has lost what this one knew. */
  readonly epoch: string;
}

/** What has taken the place of a runner. */
export interface HandedOver {
  readonly pid: number;
  readonly version: string;
  readonly build: string;
  /** How many processes it has taken over. */
  readonly instances: number;
  readonly ms: number;
}

/** A driver in the hands of who made it: the controller opens it and, when it ends, says what is to become of the processes. */
export interface HostDriver extends Driver {
  /** Who answers now, or did before falling silent; undefined: nobody. */
  readonly runner: RunnerInfo | undefined;
  /** Why whoever answers will not be driven by this program; null: it is, or nobody answers. */
  readonly refusal: Failure | null;
  /** Whether orders would be heard now, by asking: the failure of whoever has one when not. Takes some seconds at most. */
  confirm(): Promise<Failure | null>;
  /** Resolves after the first attempt; from then on it is kept open until `close`. */
  open(): Promise<void>;
  close(): void;
  /** The controller is to stay away when it ends: nothing starts another one. */
  park(): Promise<Result<void, DriverError>>;
  /** Has another program, which `command` starts, take the place of what parents the processes; they do not notice. */
  handOver(command: readonly [string, ...string[]]): Promise<Result<HandedOver, DriverError>>;
  /** Empties log files, by their absolute paths; `rotated`: removes what they were rotated to. */
  flushLogs(paths: readonly string[], rotated: boolean): Promise<Result<readonly EmptiedLog[], DriverError>>;
  /** What apps have written since the runner began, and lost; of apps that have a process, or had one until now. */
  logUsage(): Promise<Result<readonly AppLogUsage[], DriverError>>;
  /** The sockets of these apps are to stay whether they have a process or not; those of all others are closed. */
  keepSockets(apps: readonly DesiredApp[]): Promise<Result<void, DriverError>>;
  /** Gives processes again what somebody has taken from them of what they are to have: nice, rlimits, limits. */
  checkLimits(): Promise<Result<void, DriverError>>;
  /** Looks for every log file anew, after another program has renamed it. */
  reopenLogs(): Promise<Result<void, DriverError>>;
  /** Ends what parents the processes; refused while one of them lives. */
  shutDown(): Promise<Result<void, DriverError>>;
}
