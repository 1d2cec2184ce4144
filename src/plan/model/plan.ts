import type { AppKey } from '../../lib/app-key.ts';
import type { FieldChange } from '../../spec/types.ts';
import type { Action, Hold } from './actions.ts';
import type { AppHealth } from './health.ts';
import type { Reason } from './reasons.ts';

/**
 * What happens to an app, for people; ordered by how much it costs.
 * `start` and `stop` are changes of the override (a stopped app that apply starts again), `restart` is a bumped
 * restart counter, `unchanged` is listed so that the summary can count it.
 */
export type ChangeKind =
  'create' | 'roll' | 'scale' | 'live' | 'start' | 'stop' | 'restart' | 'remove' | 'unchanged';

/** How processes are replaced, as far as it can be told before: one that is not ready is always stopped first. */
export interface ChangeRollout {
  readonly order: 'start-first' | 'stop-first';
  /** Slots that are in replacement at the same time. */
  readonly atOnce: number;
  /** Whether what an instance serves goes unserved between its end and the readiness of its successor. */
  readonly gap: boolean;
  /** All at once and without draining, as was asked for. */
  readonly now?: true;
  /** All that listen on sockets of an earlier runner, at once: until they have ended, nobody else can have them. */
  readonly socketsLost?: true;
}

export interface Change {
  readonly app: AppKey;
  readonly kind: ChangeKind;
  readonly reason: Reason;
  readonly fields: readonly FieldChange[];
  /** Declared instances before and after (0 for not there). */
  readonly instancesBefore: number;
  readonly instancesAfter: number;
  /** Processes that are started, replaced or stopped; one that another takes the place of counts once. */
  readonly touches: number;
  /** Of `roll` and `restart`. */
  readonly rollout?: ChangeRollout;
  /** What it was called before: it keeps its processes. */
  readonly movedFrom?: AppKey;
  /** Why this very version failed when it was rolled out last. */
  readonly failedBefore?: string;
  /** What the app's exits until now say that its declaration should be. */
  readonly hint?: string;
}

export interface PlanSummary {
  readonly create: number;
  readonly scale: number;
  readonly live: number;
  readonly roll: number;
  readonly start: number;
  readonly stop: number;
  readonly restart: number;
  readonly remove: number;
  readonly unchanged: number;
  readonly processesTouched: number;
  readonly processesUntouched: number;
}

/** The pure result of comparing desired with observed. Preview, apply and the loop use the same one. */
export interface Plan {
  /** Every app of the desired state and every app that leaves it, sorted by key. */
  readonly changes: readonly Change[];
  readonly summary: PlanSummary;
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  readonly health: readonly AppHealth[];
  /** Milliseconds after which planning again can give another result by the passing of time alone; null: never. */
  readonly requeueAfterMs: number | null;
}
