import type { Failure } from '../../../lib/failure.ts';

/** A runner, as a person tells it from another. `build` absent: it is too old to say. */
export interface RunnerIdentity {
  readonly pid: number;
  readonly version: string;
  readonly build?: string;
}

/** What became of the runner of a home: one line of JSON on the standard output of `daemon.cjs HOME --upgrade-runner`. */
export type RunnerUpgrade =
  /** None runs. */
  | { readonly kind: 'absent' }
  /** It is of this build already. */
  | { readonly kind: 'same'; readonly runner: RunnerIdentity }
  /** `killed`: it could not hand over, so it was taken over from as after a crash. */
  | {
      readonly kind: 'upgraded';
      readonly before: RunnerIdentity;
      readonly after: RunnerIdentity;
      readonly killed: boolean;
      /** How many of its processes were taken over. */
      readonly processes: number;
      readonly ms: number;
    }
  /** It is from before runners could hand over, and was left alone. */
  | { readonly kind: 'unsupported'; readonly runner: RunnerIdentity }
  /** It goes on as before. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** `daemon upgrade -o json`. */
export interface DaemonUpgrade {
  readonly apiVersion: 'v1';
  readonly kind: 'DaemonUpgrade';
  /** Null: none ran. */
  readonly runner: ProgramUpgrade | null;
  /** Null: none ran, and none was started: the daemon was stopped. */
  readonly controller: ProgramUpgrade | null;
}

/** What became of one of the two programs. */
export interface ProgramUpgrade {
  /** `killed`: as after a crash, since the old one could not hand over. */
  readonly outcome: 'unchanged' | 'replaced' | 'killed';
  readonly before: ProgramIdentity;
  readonly after: ProgramIdentity;
  /** Of the runner: how many processes were taken over. */
  readonly processes?: number;
  /** Until it served; absent: it was not replaced. */
  readonly ms?: number;
}

/** A program, as a person tells it from another. `build` absent: it is too old to say. */
export type ProgramIdentity = RunnerIdentity;
