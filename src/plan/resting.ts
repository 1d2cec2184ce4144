import { restingConditions } from './explain/conditions.ts';
import type { AcceptedApp, DesiredApp } from './model/desired.ts';
import type { AppHealth } from './model/health.ts';
import type { HostView } from './model/host-view.ts';
import type { ObservedInstance } from './model/observed.ts';
import type { AppPlan } from './app-plan.ts';
import { isUpToDate } from './slots/effective.ts';
import { isReady } from './slots/readiness.ts';
import { isScheduled } from './slots/schedule.ts';

/**
 * The plan of an app at rest: it is declared as it was accepted, nothing is under way, and every instance serves in its
 * slot. That is most apps of most plans, and nothing has to be sorted, weighed or worded for them. null: it is not at rest
 * beyond doubt, and whoever asks looks at everything. Says what that would say, to the letter.
 */
export function planResting(app: DesiredApp, host: HostView): AppPlan | null {
  if (!host.reachable || !isAccepted(app, host.acceptedApp(app.key)) || !isQuiet(app)) return null;
  const { key, spec } = app;
  if (host.hooksOf(key).length > 0 || host.hookRecordsOf(key).length > 0) return null;
  const instances = host.instancesOf(key);
  if (instances.length === 0 || instances.length !== spec.instances || !serveInTheirSlots(instances, app))
    return null;
  return unchanged(key, instances.length);
}

/** The very same spec: what is declared as before is the object that is kept. */
function isAccepted(app: DesiredApp, accepted: AcceptedApp | undefined): boolean {
  if (accepted?.spec !== app.spec || accepted.templateHash !== app.templateHash) return false;
  return accepted.override === null && app.override === null;
}

/** Nothing is under way, and nothing that is over has left anything to say. */
function isQuiet({ spec, rollout, reload, preStart, lastRollout, lastReload }: DesiredApp): boolean {
  if (rollout !== undefined || reload !== undefined || preStart !== undefined) return false;
  if (lastRollout?.outcome === 'failed' || lastReload?.outcome === 'failed') return false;
  return spec.autostart && !isScheduled(spec);
}

function serveInTheirSlots(instances: readonly ObservedInstance[], app: DesiredApp): boolean {
  if (!instances.every((instance) => serves(instance, app))) return false;
  const isInRange = instances.every(({ slot }) => slot >= 0 && slot < instances.length);
  return (
    isInRange &&
    (instances.length === 1 || new Set(instances.map(({ slot }) => slot)).size === instances.length)
  );
}

function serves(instance: ObservedInstance, app: DesiredApp): boolean {
  const { generation, problems, socketsLost, postStart } = instance;
  if (generation !== app.generation || socketsLost === true || postStart === true) return false;
  if (problems !== undefined && problems.length > 0) return false;
  return isUpToDate(instance, app) && isReady(instance, app.spec);
}

function unchanged(key: AppHealth['key'], count: number): AppPlan {
  return {
    change: {
      app: key,
      kind: 'unchanged',
      reason: 'Converged',
      fields: NONE,
      instancesBefore: count,
      instancesAfter: count,
      touches: 0,
    },
    untouched: count,
    actions: NONE,
    holds: NONE,
    health: {
      key,
      sync: 'Synced',
      health: 'Healthy',
      desiredInstances: count,
      readyInstances: count,
      converged: true,
      conditions: restingConditions(count),
    },
    requeueAfterMs: null,
    rollout: null,
    reload: null,
    preStart: null,
  };
}

const NONE: readonly never[] = [];
