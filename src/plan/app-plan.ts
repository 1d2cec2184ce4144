import type { Action, Hold } from './model/actions.ts';
import type { AppHealth } from './model/health.ts';
import type { PreStartVerdict } from './model/hooks.ts';
import type { Change } from './model/plan.ts';
import type { ReloadVerdict } from './model/reload.ts';
import type { RolloutVerdict } from './model/rollout.ts';

/** The part of a plan that is about one app. */
export interface AppPlan {
  readonly change: Change;
  /** Processes of the app that run and stay. */
  readonly untouched: number;
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  readonly health: AppHealth;
  /** As in Plan. */
  readonly requeueAfterMs: number | null;
  /** Set when the rollout of the app has come to its end, one way or the other. */
  readonly rollout: RolloutVerdict | null;
  /** Set when the pre_start hook of its release has ended. */
  readonly preStart: PreStartVerdict | null;
  /** Set when the reload of the app has come to its end, one way or the other. */
  readonly reload: ReloadVerdict | null;
}
