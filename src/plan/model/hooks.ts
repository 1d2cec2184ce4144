import type { HookName } from '../../spec/hooks/hooks.ts';
import type { GivenPorts } from '../../spec/ports/slot-ports.ts';
import type { Reason } from './reasons.ts';

/** What one run of a hook is about. */
export interface HookRun {
  readonly name: HookName;
  /**
   * What it runs for, once: of pre_start the number of the release, of on_failure the failure, of the others the nonce
   * of the process.
   */
  readonly of: string;
  /** Of the process that it is about; null: it is about the whole app. */
  readonly slot: number | null;
  /** Why it runs: of pre_stop and post_stop why the process ends. */
  readonly reason: Reason;
}

/** What the command of a hook is told beside its run. */
export interface HookFacts {
  /** The process that it is about; null: there is none, or none any more. */
  readonly pid: number | null;
  /** Of post_stop: how the process ended. */
  readonly exitCode?: number | null;
  readonly exitSignal?: string | null;
  /** Ports that were chosen for the process that it is about; absent: none, or it is not about one. */
  readonly ports?: GivenPorts;
}

/**
 * The pre_start hook of a release. A release begins with a new template, or with new code.
 *
 *   due ──it ends well──▶ passed        due ──it fails, or takes too long──▶ failed ──tried again──▶ due (as a new release)
 */
export interface PreStart {
  /** The generation with which the release began: names the run of the hook. */
  readonly release: number;
  readonly state: 'due' | 'passed' | 'failed';
  /** Epoch milliseconds at which that was found out; of `due`, at which the release began. */
  readonly at: number;
  /** The code that it is of: the hook does not run twice for it. Absent: not known. */
  readonly code?: string;
  /** With `failed`, for people. */
  readonly message?: string;
}

/** How the pre_start hook of a release has ended, as the planner finds it; the controller records it as a fact. */
export interface PreStartVerdict {
  readonly release: number;
  /** null: well. */
  readonly failure: string | null;
  readonly nonce: string;
}

/** A run of a hook that has ended, as it is kept. */
export interface HookRecord extends HookRun {
  readonly nonce: string;
  readonly generation: number;
  readonly revision: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** For people: `exited with code 1 after 0.2s`; null: it ended well. */
  readonly failure: string | null;
  /** It was ended before its time was over: the app was stopped, or a newer release came. Absent: it was not. */
  readonly calledOff?: true;
  /** What it wrote last; absent: nothing, or it is not known. */
  readonly lines?: readonly string[];
}
