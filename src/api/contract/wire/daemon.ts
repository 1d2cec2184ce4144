import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { HttpInfo } from './access/http.ts';
import type { Result } from '../../../lib/result.ts';
import { isFlag, isText, objectOf, optional } from '../../../lib/checks.ts';
import { checked } from '../endpoints/checked.ts';
import type { SettingsTroubleInfo } from './settings/settings.ts';

/** GET /v1/status, and `daemon status -o json`. `controller` or `runner` is null when it does not run. */
export interface DaemonStatus {
  readonly controller: {
    readonly pid: number;
    readonly version: string;
    /** Which build of that version; one from before builds had names does not say. */
    readonly build?: string;
    readonly uptimeMs: number;
    /** A service, or somebody else, starts it again: it is a child of `daemon run`. Absent: it is not, or is too old to say. */
    readonly supervised?: true;
  } | null;
  readonly runner: {
    readonly pid: number;
    readonly version: string;
    readonly build?: string;
    readonly epoch: string;
  } | null;
  /** Why the runner does nothing for this daemon, and the way out. Absent: it does, or it does not answer. */
  readonly problem?: Failure;
  readonly home: string;
  readonly socket: string;
  /** What runs of the apps, whichever of our processes lives. Absent from an older daemon. */
  readonly apps?: { readonly count: number; readonly processes: number };
  /** Processes that may be ours, cannot be proven to be, and are never signalled. Absent: there are none. */
  readonly unverified?: readonly { readonly key: string; readonly pid: number | null }[];
  /** The state cannot be written; absent: it can, as far as is known. */
  readonly unwritten?: UnwrittenInfo;
  /** Receivers of notifications that are not reached, for longer than a moment; absent: there are none. */
  readonly receivers?: readonly FailingReceiverInfo[];
  /** Settings of the home that do not hold as they are written; absent: all do. */
  readonly settings?: SettingsTroubleInfo;
  /** The listener for browsers and other machines; absent: nothing is to be listened at. */
  readonly http?: HttpInfo;
}

/** What is not as it should be with the daemon itself, whatever apps there are; absent: it is. */
export type DaemonTrouble = Pick<DaemonStatus, 'problem' | 'unwritten' | 'receivers' | 'settings' | 'http'>;

/** What it is to be told waits. */
export interface FailingReceiverInfo {
  readonly name: string;
  readonly since: string;
  /** Why, and what to do about it. */
  readonly message: string;
  readonly hint: string;
}

/** What is known and not on disk yet, because it cannot be written. A controller that is started again would not know it. */
export interface UnwrittenInfo {
  readonly since: string;
  readonly file: string;
  /** Why, such as `no space left on device`. */
  readonly reason: string;
  /** What to do about it. */
  readonly hint: string;
  /** Apps that a restart of the controller would change, and how many processes they would then have. */
  readonly apps: readonly {
    readonly app: AppKey;
    readonly instances: number;
    readonly instancesAfterRestart: number;
  }[];
}

/** POST /v1/daemon/stop. */
export interface DaemonStopRequest {
  /** Stop the apps too. They come back with the next `daemon start`. */
  readonly all: boolean;
  /** For the audit log. Absent: it does not say. */
  readonly by?: string;
}

/** An answer that says only that it was done. */
export type Done = Readonly<Record<string, never>>;

/** The answer: the daemon is about to end. */
export interface DaemonStopped {
  /** What could not be written before; absent: everything is on disk. */
  readonly unwritten?: UnwrittenInfo;
}

const isStopRequest = objectOf<DaemonStopRequest>({ all: isFlag, by: optional(isText) });

export function checkStopRequest(body: unknown): Result<DaemonStopRequest, Failure> {
  return checked<DaemonStopRequest>(isStopRequest, body);
}
