import type { AppKey } from '../../lib/app-key.ts';
import type { Reason } from './reasons.ts';

export type SyncStatus = 'Synced' | 'OutOfSync' | 'Unknown';

export type HealthStatus =
  | 'Healthy'
  | 'Progressing'
  | 'Degraded'
  | 'CrashLoop'
  | 'Failed'
  | 'Stopped'
  | 'Suspended'
  | 'Completed'
  | 'Missing';

/**
 * Every app has the first five. The others are promises, `False` when broken: `Watching` only for an app that watches
 * files, `Limited` only for one with `limits`, the others only while they are broken.
 */
export type ConditionType =
  | 'Ready'
  | 'Progressing'
  | 'Synced'
  | 'BackOff'
  | 'Overridden'
  | 'Watching'
  | 'Limited'
  | 'Heard'
  | 'Logging'
  | 'SocketSharing'
  | 'ProcessesEnded'
  | 'PortFree'
  | 'PortsOpen'
  | 'Saved'
  | 'Code'
  | 'Secrets'
  | 'Supervised'
  | 'Capable'
  | 'Recorded'
  | 'Hooks'
  | 'Reloaded'
  | 'Confirmed'
  | 'Changeable'
  | 'Declaration'
  | 'Environment'
  | 'Strangers'
  | 'Release'
  | 'Reported'
  | 'AsDeclared';

/** One observation about an app, in the style of the Kubernetes API: an adjective, and a reason in CamelCase. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

/** How one app is, on two axes (sync and health) that are never merged into one word. */
export interface AppHealth {
  readonly key: AppKey;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  /** Instances that are wanted now, overrides included. */
  readonly desiredInstances: number;
  readonly readyInstances: number;
  /** True when every wanted instance runs the present generation and nothing is left to do. */
  readonly converged: boolean;
  readonly conditions: readonly Condition[];
}
