import type { AppKey } from '../lib/app-key.ts';
import { isUpToDate, restartGenerationOf } from '../plan/slots/effective.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { Reason } from '../plan/model/reasons.ts';
import type { DependencyMarks } from '../state/model/types.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { InstanceState } from '../plan/model/observed.ts';

/** One process, as far as triggers care. */
export interface TriggerInstance {
  readonly nonce: string;
  readonly key: AppKey;
  readonly slot: number;
  readonly state: InstanceState;
  /** Of the app, when it was started; absent: not known. */
  readonly generation?: number;
  readonly pid: number | null;
  /** Milliseconds up, at the time of the view. */
  readonly upMs: number;
  /** Messages reach it; absent: no. */
  readonly connected?: boolean;
  /** Hash of the template that it was started from; absent: not known. */
  readonly templateHash?: string;
  /** Restart counter that it was started with; absent: not known. */
  readonly restartGeneration?: number;
  /** What it was started from; absent: not known. */
  readonly code?: CodeIdentity;
  /** Epoch milliseconds; absent: not known. */
  readonly startedAt?: number;
  /** What became of its limits; absent: it was started without, or by a runner that knows none. */
  readonly limits?: { readonly state: 'set' | 'unavailable'; readonly message: string };
  /** It says by sd_notify how it is. `silent`: not any more, for too long. */
  readonly notify?: { readonly silent?: true };
  /** The same of its nice, rlimits and the like. */
  readonly tuning?: { readonly state: 'set' | 'partly' | 'changing'; readonly message: string };
}

/**
 * Whether the process is up to date, as far as is known. An outdated process is replaced anyway: a restart of its slot
 * would hit its successor.
 */
export function isDeclared(instance: TriggerInstance, app: DesiredApp): boolean {
  const { slot, generation, templateHash, restartGeneration } = instance;
  const known = {
    slot,
    generation: generation ?? app.generation,
    templateHash: templateHash ?? app.templateHash,
    restartGeneration: restartGeneration ?? restartGenerationOf(app, slot),
  };
  return isUpToDate(known, app);
}

/** What is desired and what runs, at one moment. */
export interface TriggerView {
  readonly apps: readonly DesiredApp[];
  readonly instances: readonly TriggerInstance[];
}

/** A restart that a trigger asks for. */
export interface TriggerRestart {
  readonly key: AppKey;
  /** null: every instance, under the app's rollout rules. */
  readonly slot: number | null;
  readonly reason: Reason;
  /** One line for people. */
  readonly detail: string;
  /** The time of a schedule that asks for it, epoch milliseconds: made durable with the request. */
  readonly tick?: number;
  /** Of a scheduled job: the slot is to run once. */
  readonly run?: true;
  /** Kept with the restart, so that the same processes of a dependency are not a reason twice. */
  readonly dependencyMarks?: DependencyMarks;
}

/**
 * All that a trigger may do: record a fact, or enqueue an app. A trigger never starts or stops anything; it does not
 * know how.
 */
export interface TriggerOutlet {
  requestRestart(restart: TriggerRestart): void;
  /** Enqueues the app: something about it has changed. Absent: that is what the trigger looks at. */
  submit(key: AppKey, cause?: 'condition' | 'resync'): void;
}

/** Something that watches for a reason to act. */
export interface Trigger {
  /** Learns what is desired and what runs now. Called often, so it must be cheap when nothing has changed. */
  sync(view: TriggerView): void;
  /**
   * When the trigger will ask for a restart or a run of the app next, epoch milliseconds; null: not that it knows.
   */
  nextRun?(key: AppKey): number | null;
  close(): void;
}
