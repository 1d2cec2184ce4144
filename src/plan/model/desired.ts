import type { AppKey } from '../../lib/app-key.ts';
import type { ChosenPorts } from '../../spec/ports/chosen-ports.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { PreStart } from './hooks.ts';
import type { Reason } from './reasons.ts';
import type { ReloadOutcome, ReloadState } from './reload.ts';
import type { RolloutOutcome, RolloutState } from './rollout.ts';

/** What an operator has put on top of the file; the next `apply` of the project resets it. */
export interface Override {
  /** `stopped`: no instance is to run. `running`: start in spite of `autostart: false`. */
  readonly run?: 'stopped' | 'running';
  readonly instances?: number;
  /** Epoch milliseconds at which `run` ends by itself. Absent: it does not. */
  readonly runUntil?: number;
  /** The same of `instances`. */
  readonly instancesUntil?: number;
  /** Who: the login name behind the command. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A restart that was asked for: why, and in which words. */
export interface RestartRequest {
  readonly reason: Reason;
  /** One line for people: `src/a.js changed`, `every day at 02:00`, `asked for by ann`. */
  readonly detail: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** All instances at once and without draining, so requests under way are lost. Absent: the rollout rules apply. */
  readonly now?: true;
}

/** One app as it should be. */
export interface DesiredApp {
  readonly key: AppKey;
  readonly project: string;
  /** As declared; the planner applies the override on top. */
  readonly spec: AppSpec;
  /** Hash over the template fields of `spec` (see spec/hash.ts). */
  readonly templateHash: string;
  readonly generation: number;
  readonly restartGeneration: number;
  /** Restarts of single slots, on top of `restartGeneration`; see `restartGenerationOf`. */
  readonly slotRestarts: Readonly<Record<string, number>>;
  /** Why `restartGeneration` or a slot's counter was bumped last. */
  readonly lastRestart: RestartRequest | null;
  /** Of a scheduled job: the generation at which a run was asked for last, by slot (see plan/slots/schedule.ts). */
  readonly runs?: Readonly<Record<string, number>>;
  /** Times of cron_restart or schedule up to here (epoch milliseconds) have been dealt with. */
  readonly settledTick?: number;
  /** The revision of the project that this declaration came with. */
  readonly revision: number;
  readonly override: Override | null;
  /** Absent: the present version has proven itself. */
  readonly rollout?: RolloutState;
  readonly lastRollout?: RolloutOutcome;
  /** How many reloads were ever asked for; absent: none. */
  readonly reloads?: number;
  /** The one that is under way; absent: none is. */
  readonly reload?: ReloadState;
  readonly lastReload?: ReloadOutcome;
  /** The last version that proved itself listens on shared sockets. */
  readonly listens?: true;
  /** The last process that was found unfit, by slot (see plan/slots/unfit.ts). */
  readonly unfit?: Readonly<Record<string, Unfit>>;
  /** The generation at which a person last asked for the app; exits of earlier generations do not hold it up. */
  readonly begunAfresh?: number;
  /** Ports that were chosen for it, where it declares `auto`. */
  readonly ports?: ChosenPorts;
  /** The pre_start hook of its release; absent: the app had none when the release began. */
  readonly preStart?: PreStart;
}

/** A process that runs and does not work: stateward restarts it though nobody asked. */
export interface Unfit {
  readonly reason: Reason;
  /** Restart counter of the process that follows it. */
  readonly restartGeneration: number;
  /** Epoch milliseconds at which this was found. */
  readonly at: number;
}

/** What was accepted before: field diffs and the cost of a change are measured against it. */
export interface AcceptedApp {
  readonly key: AppKey;
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly generation: number;
  readonly override: Override | null;
  /** As in DesiredApp. */
  readonly begunAfresh?: number;
}
