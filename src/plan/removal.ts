import { hooksOfEnd, plannedHooks } from './explain/planned-hooks.ts';
import type { AppKey } from '../lib/app-key.ts';
import { runningInstances, type CountedChange } from './explain/changes.ts';
import { effectiveInstances } from './slots/effective.ts';
import { describeEnding } from './explain/holds.ts';
import { isActive } from './slots/readiness.ts';
import { byNonce } from './model/order.ts';
import { REASONS, type Reason } from './model/reasons.ts';
import { splitAppKey } from '../lib/app-key.ts';
import { stopOrder } from './model/stop-order.ts';
import { hasRemains, remainsOf } from './slots/remains.ts';
import type { Action, Hold } from './model/actions.ts';
import type { AcceptedApp } from './model/desired.ts';
import type { AppHealth } from './model/health.ts';
import type { HookRecord } from './model/hooks.ts';
import type { ObservedHook, ObservedInstance } from './model/observed.ts';

/** Why an app that is not desired goes. */
export type RemovalReason = Extract<Reason, 'RemovedFromFile' | 'Deleted' | 'Unmanaged'>;

export interface RemovalInput {
  readonly key: AppKey;
  readonly reason: RemovalReason;
  readonly reachable: boolean;
  /** The spec that is known of it, for how to stop it. */
  readonly accepted: AcceptedApp | undefined;
  readonly instances: readonly ObservedInstance[];
  /** Processes that run hooks of it. Absent: none. */
  readonly hooks?: readonly ObservedHook[];
  readonly hookRecords?: readonly HookRecord[];
}

/** Stops what runs, highest slot first, and forgets what has ended: no history is kept of an app that is gone. */
export function removalActions({ reason, accepted, instances }: RemovalInput): readonly Action[] {
  const app = accepted && { project: splitAppKey(accepted.key).project, spec: accepted.spec };
  const how = stopOrder(app);
  const sorted = [...instances].sort((a, b) => b.slot - a.slot || byNonce(a, b));
  return [
    ...sorted.filter(isActive).map(({ key, slot, nonce, revision }): Action => ({
      kind: 'stop',
      key,
      slot,
      nonce,
      revision,
      reason,
      how,
    })),
    ...sorted
      .filter((instance) => instance.state === 'exited' && !hasRemains(instance))
      .map(({ key, slot, nonce, revision }): Action => ({
        kind: 'forget',
        key,
        slot,
        nonce,
        revision,
        reason,
      })),
  ];
}

export function removalChange(input: RemovalInput): CountedChange {
  const { key, reason, accepted, instances, reachable } = input;
  const active = instances.filter(isActive).length;
  const estimated = accepted === undefined ? 0 : runningInstances(accepted);
  const change = {
    app: key,
    kind: 'remove' as const,
    reason,
    fields: [],
    instancesBefore: accepted === undefined ? active : effectiveInstances(accepted.spec, accepted.override),
    instancesAfter: 0,
    touches: reachable ? active : estimated,
    ...(accepted !== undefined && active > 0 && plannedHooks(hooksOfEnd(accepted.spec), accepted.spec)),
  };
  const untouched = reachable ? instances.filter(({ state }) => state === 'unverified').length : 0;
  return { change, untouched };
}

export function removalHolds({ key, instances }: RemovalInput): readonly Hold[] {
  return [...instances]
    .sort((a, b) => a.slot - b.slot || byNonce(a, b))
    .flatMap((instance): readonly Hold[] => {
      const { slot } = instance;
      const lack = lackOf(instance);
      return lack === null ? [] : [{ key, slot, ...lack, until: null }];
    });
}

function lackOf(instance: ObservedInstance): Pick<Hold, 'reason' | 'message'> | null {
  const { state, pid } = instance;
  if (state === 'stopping') return describeEnding(instance);
  if (state === 'unverified') {
    return { reason: 'Unverified', message: `process ${pid ?? 'without a pid'}: ${REASONS.Unverified}` };
  }
  const remains = state === 'exited' ? remainsOf(instance) : undefined;
  return remains === undefined ? null : { reason: 'SurvivorsLeft', message: remains };
}

/** Converged once no process is left. */
export function assessRemoval({ key, reason, reachable, instances, hooks = [] }: RemovalInput): AppHealth {
  const live = [...instances, ...hooks].filter(({ state }) => state !== 'exited').length;
  const gone = reachable && live === 0 && !instances.some(hasRemains);
  const remains = instances.flatMap((instance) => remainsOf(instance) ?? []);
  const message = live > 0 ? `${live} processes left` : ['gone', ...remains].join(', but ');
  return {
    key,
    sync: !reachable ? 'Unknown' : gone ? 'Synced' : 'OutOfSync',
    health: live > 0 ? 'Progressing' : 'Missing',
    desiredInstances: 0,
    readyInstances: 0,
    converged: gone,
    conditions: [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Progressing', status: gone ? 'False' : 'True', reason, message },
      { type: 'Synced', status: !reachable ? 'Unknown' : gone ? 'True' : 'False', reason, message },
      { type: 'BackOff', status: 'False', reason, message },
      { type: 'Overridden', status: 'False', reason, message },
    ],
  };
}
