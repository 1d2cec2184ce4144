import type { Reason } from '../../model/reasons.ts';

/**
 * What differs from what is declared:
 * - `override`: an operator scaled, stopped or started the app.
 * - `declaration`: the ecosystem file is not as it was applied, or is gone.
 * - `env-file`: an `env_file` has other variables than were applied.
 * - `code`, `secret`: newer than the process.
 * - `release`: a release of a source was edited by hand.
 * - `source`: somebody has declared the app otherwise than its source.
 * - `limits`: somebody gave a process other limits than are declared.
 * - `process`: a process carries the marks of the app and was not started by stateward.
 * - `port`: another process holds a port of the app.
 */
export type DriftKind =
  | 'override'
  | 'declaration'
  | 'env-file'
  | 'code'
  | 'secret'
  | 'release'
  | 'source'
  | 'limits'
  | 'process'
  | 'port';

/** One way in which an app is not as it is declared, though stateward has done what it was asked to. */
export interface Drift {
  readonly kind: DriftKind;
  readonly reason: Reason;
  readonly project: string;
  readonly app: string;
  /** Absent: it is about the whole app. */
  readonly slot?: number;
  /** One line: what is declared and what is there instead. */
  readonly message: string;
  /** Epoch milliseconds; null: not known. */
  readonly since: number | null;
  /** Who has done it; absent: not known. */
  readonly by?: string;
  /** Epoch milliseconds at which it ends by itself; absent: it does not. */
  readonly until?: number;
  /** The way out. */
  readonly hint: string;
  /** `now`: stateward puts it right by itself; `expiry`: it ends at `until`; `never`: it stays until somebody acts. */
  readonly heals: 'now' | 'never' | 'expiry';
}
