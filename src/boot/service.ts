/** What starts the daemon of one home when the host starts. */
export interface BootService {
  /** What the init system calls it: letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** `host`: started with the host, as `user`. `login`: an ordinary user's own, started with that user's session. */
  readonly scope: 'host' | 'login';
  readonly user: string;
  /** Absolute. */
  readonly home: string;
  /** How the daemon is run in the foreground, its program first. Absolute paths. */
  readonly command: readonly string[];
  /** What the daemon is started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** One way to have a service started: a file, and what the init system is to be told of it. */
export interface BootPlan {
  readonly file: { readonly path: string; readonly text: string; readonly mode: number };
  /** Taking the file into use: run in order, each must end with 0. */
  readonly enable: readonly Command[];
  /** Before the file is removed. One that fails does not keep the file. */
  readonly disable: readonly Command[];
  /** After it was removed. */
  readonly afterwards: readonly Command[];
  /** What the operator may want to know or do besides. */
  readonly hints: readonly string[];
}

export type Command = readonly string[];

/** The longest time that apps have for their end when the host goes down, in seconds. */
export const STOP_SECONDS = 300;
/** How long the host waits at its start for the apps, in seconds. The daemon says that it is ready before. */
export const START_SECONDS = 120;
