import type { VariableGiver } from '../../../../spec/environment/variable-givers.ts';
import type { ProjectSource } from '../../../../spec/types.ts';

/** GET /v1/apps/:project/:name/environment: the variables of the processes of an app, without secrets. */
export interface AppEnvironment {
  readonly apiVersion: 'v1';
  readonly kind: 'AppEnvironment';
  readonly project: string;
  readonly name: string;
  readonly revision: number;
  /** The files that declare it. */
  readonly source: ProjectSource;
  /** By name. */
  readonly variables: readonly VariableInfo[];
}

export interface VariableInfo {
  readonly name: string;
  /** Who gives it, the one that counts first; empty: nobody any more, but a process has it from before. */
  readonly givers: readonly VariableGiver[];
  /** What a process gets that is started now, redacted; null: it differs by process, is read at the start, or is gone. */
  readonly value: string | null;
  /** Where it is read: `from_file /srv/secrets/db`. Absent: it is not. */
  readonly reads?: string;
  /** Why it cannot be read now, with the way out. Absent: it can, or only a start would tell. */
  readonly problem?: string;
  readonly processes: readonly ProcessVariable[];
}

/**
 * Whether a process has what it would be given now. `same`; `older`: another value, and `value` is it where it is no secret;
 * `rotated`: another one is where it was read; `absent`: it has none; `gone`: it has one that nobody gives any more; `as-started`: what a
 * program said when it was started, and nobody has asked since; `unknown`: its environment cannot be read.
 */
export interface ProcessVariable {
  readonly slot: number;
  readonly pid: number;
  /** When it was started, and so when it was given its variables. */
  readonly startedAt: string;
  readonly state: 'same' | 'older' | 'rotated' | 'absent' | 'gone' | 'as-started' | 'unknown';
  /** Redacted; absent: a secret, or the same as `value`. */
  readonly value?: string;
}
