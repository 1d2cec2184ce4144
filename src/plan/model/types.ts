/** The types of plans as other rooms import them: one door to the files of this folder. */
export type { FieldChange } from '../../spec/types.ts';
export type { Action, Hold } from './actions.ts';
export type { AcceptedApp, DesiredApp, Override, RestartRequest, Unfit } from './desired.ts';
export type { AppHealth, Condition, ConditionType, HealthStatus, SyncStatus } from './health.ts';
export type {
  InstanceExit,
  InstanceState,
  NotReady,
  Observed,
  ObservedInstance,
  SlotHistory,
} from './observed.ts';
export type { Change, ChangeKind, ChangeRollout, Plan, PlanSummary } from './plan.ts';
export type {
  AppVersion,
  FailedVerdict,
  OutputLine,
  RolloutFailure,
  RolloutOutcome,
  RolloutPause,
  RolloutState,
  RolloutVerdict,
} from './rollout.ts';
