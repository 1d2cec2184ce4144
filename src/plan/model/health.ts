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
 * The first five are said of every app. The others are promises, `False` when lost: `Watching` only of an app that
 * watches files, `Limited` only of one with `limits`, the others only while they are lost.
 */
export type ConditionType =
  | 'Ready'
  | 'Progressing'
  | 'Synced'
  | 'BackOff'
  | 'Overridden'
  | 'Watching'
  | 'Limited'
  | 'Logging'
  | 'SocketSharing'
  | 'ProcessesEnded'
  | 'PortFree'
  | 'Code';

/** One observation about an app in the way of the Kubernetes API conventions: adjectives, reason in CamelCase. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

/** The health of one app: two axes, never merged into one word. */
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
