import type { AppKey } from '../../lib/app-key.ts';
import type { HookName } from '../../spec/hooks/hooks.ts';
import type { FieldChange } from '../../spec/types.ts';
import type { Action, Hold } from './actions.ts';
import type { AppHealth } from './health.ts';
import type { Reason } from './reasons.ts';

/**
 * What happens to an app, for people.
 * `start` and `stop` are changes of the override (a stopped app that apply starts again), `restart` is a bumped
 * restart counter, `run` is a job that runs again with a new release, `unchanged` is listed so that the summary can count it.
 */
export type ChangeKind =
  | 'create'
  | 'roll'
  | 'reload'
  | 'scale'
  | 'live'
  | 'start'
  | 'stop'
  | 'restart'
  | 'run'
  | 'remove'
  | 'unchanged';

/** How processes are replaced, as far as it is known in advance: one that is not ready is always stopped first. */
export interface ChangeRollout {
  readonly order: 'start-first' | 'stop-first';
  /** Slots that are in replacement at the same time. */
  readonly atOnce: number;
  /** Whether nobody serves what an instance served, from its end until its successor is ready. */
  readonly gap: boolean;
  /** All at once and without draining, as was asked for. */
  readonly now?: true;
  /** All that listen on sockets of an earlier runner, at once: until they end, no other process can have the address. */
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
  /** Processes that are started, replaced or stopped; a replacement counts once. */
  readonly touches: number;
  /** Of `roll` and `restart`. */
  readonly rollout?: ChangeRollout;
  /** Of `reload`: processes that read their settings again and stay, how (`HUP`, `nginx -s reload`) and why. */
  readonly reload?: { readonly processes: number; readonly how: string; readonly detail: string };
  /** Its name before; it keeps its processes. */
  readonly movedFrom?: AppKey;
  /** Why this same version failed when it was last rolled out. */
  readonly failedBefore?: string;
  /**
   * Its processes stay though the code on disk is newer, and the command that runs it: `68da218 → e7c118e (lib/util.js);
   * stateward reload shop/api runs it`.
   */
  readonly codeNewer?: string;
  /** Hooks that run because of it, in the order in which they run. */
  readonly hooks?: readonly HookName[];
  /** The command of pre_start, where that is among them; secrets are redacted. */
  readonly preStart?: readonly string[];
  /** How the declaration should change, judging by the app's exits so far. */
  readonly hint?: string;
}

export interface PlanSummary {
  readonly create: number;
  readonly scale: number;
  readonly live: number;
  readonly roll: number;
  /** Absent: none. */
  readonly reload?: number;
  readonly start: number;
  readonly stop: number;
  readonly restart: number;
  /** Jobs that run again. Absent in what an older version has stored. */
  readonly run?: number;
  readonly remove: number;
  readonly unchanged: number;
  readonly processesTouched: number;
  readonly processesUntouched: number;
}

/** The pure result of comparing desired with observed. Preview, apply and the loop use the same one. */
export interface Plan {
  /** Every app in the desired state and every app that leaves it, sorted by key. */
  readonly changes: readonly Change[];
  readonly summary: PlanSummary;
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  readonly health: readonly AppHealth[];
  /** Milliseconds until time alone can change the plan; null: never. */
  readonly requeueAfterMs: number | null;
}
