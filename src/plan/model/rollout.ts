import type { AppSpec } from '../../spec/types.ts';
import type { Reason } from './reasons.ts';

/** One version of an app: what a rollout that fails goes back to. */
export interface AppVersion {
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly restartGeneration: number;
  readonly slotRestarts: Readonly<Record<string, number>>;
  readonly revision: number;
}

/** The change from one version of an app to the next, until the newer one has proven itself. */
export interface RolloutState {
  /** The last version that proved itself; null: none has, so there is nothing to go back to. */
  readonly previous: AppVersion | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** No further instance is replaced until somebody resumes it. */
  readonly paused: RolloutPause | null;
}

export interface RolloutPause {
  /** Login name, or `stateward` for a rollout that has failed. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Why it failed; null: somebody asked for the pause. */
  readonly failure: RolloutFailure | null;
}

interface FailedRollout extends RolloutState {
  readonly paused: RolloutPause & { readonly failure: RolloutFailure };
}

/** Why a version cannot replace the one before it. */
export interface RolloutFailure {
  readonly reason: Reason;
  /** For people: `slot 0 exited with code 1 after 0.2s`. */
  readonly message: string;
  readonly slot: number | null;
  /** What the process that failed wrote last; absent: it is not known. */
  readonly logLines?: readonly OutputLine[];
}

/** One line that a process has written, without its line break. */
export interface OutputLine {
  readonly stream: 'out' | 'err';
  readonly line: string;
}

/** How the last rollout of an app ended. */
export interface RolloutOutcome {
  /** `superseded`: a newer version came before it had proven itself. */
  readonly outcome: 'succeeded' | 'failed' | 'superseded';
  /** The generation and revision that were rolled out. */
  readonly generation: number;
  readonly revision: number;
  /** Of what was rolled out; a version that has failed is recognised by it. */
  readonly templateHash: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** With `failed`. */
  readonly failure: RolloutFailure | null;
}

/** How the rollout of an app ended, as the planner finds it; the controller records it as a fact. */
export type RolloutVerdict = { readonly kind: 'completed' } | FailedVerdict;

export interface FailedVerdict {
  readonly kind: 'failed';
  readonly failure: RolloutFailure;
  /** The process that failed or held the others up; null: no single process is to blame. */
  readonly nonce: string | null;
}

/** Whether the version under rollout has failed and waits for a person. */
export function hasFailed(rollout: RolloutState | undefined): rollout is FailedRollout {
  return rollout?.paused?.failure != null;
}

/** The version to go back to when the one under rollout fails; null: there is none, or the spec says to carry on. */
export function fallbackOf(
  rollout: RolloutState | undefined,
  spec: { readonly rollout: Pick<AppSpec['rollout'], 'on_failure'> },
): AppVersion | null {
  return spec.rollout.on_failure === 'continue' ? null : (rollout?.previous ?? null);
}
