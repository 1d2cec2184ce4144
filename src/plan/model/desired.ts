import type { AppKey } from '../../lib/app-key.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { Reason } from './reasons.ts';
import type { RolloutOutcome, RolloutState } from './rollout.ts';

/** What an operator put on top of what the file declares; the next `apply` of the project resets it. */
export interface Override {
  /** `stopped`: no instance is to run. `running`: start in spite of `autostart: false`. */
  readonly run?: 'stopped' | 'running';
  readonly instances?: number;
  /** Who: the login name behind the command. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A restart that was asked for: by what, and in whose words. */
export interface RestartRequest {
  readonly reason: Reason;
  /** One line for people: `src/a.js changed`, `every day at 02:00`, `asked for by ann`. */
  readonly detail: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** All instances at once, and without draining: what is served meanwhile is lost. Absent: under the rollout's rules. */
  readonly now?: true;
}

/** One app as it is to be. */
export interface DesiredApp {
  readonly key: AppKey;
  readonly project: string;
  /** As declared; an override is applied on top by the planner. */
  readonly spec: AppSpec;
  /** Hash over the template fields of `spec` (see spec/hash.ts). */
  readonly templateHash: string;
  readonly generation: number;
  readonly restartGeneration: number;
  /** Restarts of single slots, on top of `restartGeneration`; see `restartGenerationOf`. */
  readonly slotRestarts: Readonly<Record<string, number>>;
  /** Why `restartGeneration` or a slot's counter was bumped last. */
  readonly lastRestart: RestartRequest | null;
  /** Of a scheduled job: the generation at which a run was asked for last, by slot (see plan/schedule.ts). */
  readonly runs?: Readonly<Record<string, number>>;
  /** Times of cron_restart or schedule up to here (epoch milliseconds) have been dealt with. */
  readonly settledTick?: number;
  /** The revision of the project that this declaration came with. */
  readonly revision: number;
  readonly override: Override | null;
  /** Absent: the present version has proven itself. */
  readonly rollout?: RolloutState;
  readonly lastRollout?: RolloutOutcome;
  /** The version that has proven itself last listens on shared sockets. */
  readonly listens?: true;
  /** Slots whose process was found unfit last, by slot (see plan/unfit.ts). */
  readonly unfit?: Readonly<Record<string, Unfit>>;
  /** The generation with which a person asked for the app anew last: no exit of an earlier one holds it up. */
  readonly begunAfresh?: number;
}

/** A process that runs and does not do: what stateward restarts though nobody asked for it. */
export interface Unfit {
  readonly reason: Reason;
  /** Restart counter of the process that is to follow it. */
  readonly restartGeneration: number;
  /** Epoch milliseconds at which it was found out. */
  readonly at: number;
}

/** What was accepted before: the base of the field diff, and of what a change costs. */
export interface AcceptedApp {
  readonly key: AppKey;
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly generation: number;
  readonly override: Override | null;
  /** As in DesiredApp. */
  readonly begunAfresh?: number;
}
