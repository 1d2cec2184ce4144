import type { Reason } from './reasons.ts';
import type { RolloutFailure } from './rollout.ts';

/** A reload that was asked for, until every process has met it: they read their settings again, and stay. */
export interface ReloadState {
  /** Of all reloads of the app that were ever asked for; a process keeps the number of the last one that it met. */
  readonly count: number;
  /** Slots whose processes are meant; null: all. */
  readonly slots: readonly number[] | null;
  readonly reason: Reason;
  /** One line for people: `nginx.conf changed`, `asked for by ann`. */
  readonly detail: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How the last reload of an app ended. */
export interface ReloadOutcome extends ReloadState {
  readonly outcome: 'succeeded' | 'failed';
  /** The generation that asked for it. */
  readonly generation: number;
  /** Epoch milliseconds. */
  readonly endedAt: number;
  /** With `failed`. */
  readonly failure: RolloutFailure | null;
}

/** How a reload has ended, as the planner finds it; the controller records it as a fact. `failure` null: well. */
export interface ReloadVerdict {
  readonly kind: 'reloaded';
  readonly count: number;
  readonly failure: RolloutFailure | null;
}
