import type { AppKey } from '../lib/app-key.ts';
import type { CodeChange } from './model/code.ts';
import { describeChange, type CountedChange } from './explain/changes.ts';
import { dependentsToEndFirst } from './decide/dependents.ts';
import { dependentsHolds, describeHolds, unreachableHold } from './explain/holds.ts';
import type { HostView } from './model/host-view.ts';
import { isActive } from './slots/readiness.ts';
import { assessRemoval, removalActions, removalChange, removalHolds, type RemovalReason } from './removal.ts';
import { requeueAfterMs } from './decide/requeue.ts';
import { assessRollout } from './decide/rollout-verdict.ts';
import { classifySlots, type AppSlots } from './slots/slots.ts';
import { assess } from './explain/status.ts';
import { chooseSteps } from './decide/steps.ts';
import type { AppPlan } from './app-plan.ts';
import type { Action } from './model/actions.ts';
import type { DesiredApp } from './model/desired.ts';
import type { ObservedInstance } from './model/observed.ts';
import { actionsWithHooks, hooksEndInMs, preStopHolds } from './hooks/lifecycle.ts';
import { preStartVerdict } from './hooks/pre-start.ts';
import { planResting } from './resting.ts';
import { lastHookHolds, lastHooksEndInMs, withLastHooks } from './removal-hooks.ts';
import { hasDeclared } from './slots/slot.ts';
import { pendingWork } from './decide/work.ts';

export interface PlanOptions {
  /** Why an app that is not desired goes; RemovedFromFile unless the caller knows better. */
  readonly removalReason?: (key: AppKey) => RemovalReason;
  /** How the code of an app differs from that of its processes; undefined: it does not, or it is not known. */
  readonly codeChange?: (key: AppKey) => CodeChange | undefined;
}

/** Looks up an app's slots; undefined: the app is not desired. */
export type SlotsOf = (key: AppKey) => AppSlots | undefined;

/** Classifies the slots of an app once, because other apps depend on it and ask again. */
export function rememberSlots(host: HostView, now: number): SlotsOf {
  const known = new Map<AppKey, AppSlots>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const app = host.desiredApp(key);
    if (app === undefined) return undefined;
    const table = { instances: host.instancesOf(key), history: host.historyOf(key) };
    const slots = classifySlots(app, table, now);
    known.set(key, slots);
    return slots;
  };
}

export type PlanContext = PlanOptions & { readonly now: number; readonly slotsOf: SlotsOf };

/** Plans one app. Of other apps it reads only the slots of dependencies. */
export function planOne(key: AppKey, host: HostView, context: PlanContext): AppPlan {
  const app = host.desiredApp(key);
  const resting = app === undefined ? null : planResting(app, host);
  return resting ?? planThoroughly(key, host, context);
}

/** The same of an app at rest as well. */
export function planThoroughly(key: AppKey, host: HostView, context: PlanContext): AppPlan {
  const app = host.desiredApp(key);
  const appSlots = context.slotsOf(key);
  if (app === undefined || appSlots === undefined) return planRemoval(key, host, context);
  return planDesired(app, appSlots, { host, context });
}

function planDesired(
  app: DesiredApp,
  appSlots: AppSlots,
  { host, context }: { readonly host: HostView; readonly context: PlanContext },
): AppPlan {
  const { reachable, silence } = host;
  const { now, slotsOf } = context;
  const accepted = host.acceptedApp(app.key);
  const work = pendingWork(app, appSlots);
  const code = context.codeChange?.(app.key);
  const counted = describeChange({ app, accepted, reachable, appSlots, work, code });
  if (!reachable) {
    const holds = [unreachableHold(app.key, silence)];
    const health = assess({ app, accepted, reachable, silence, appSlots, work, holds, verdict: null });
    const ends = { rollout: null, reload: null, preStart: null };
    return { ...counted, actions: [], holds, health, requeueAfterMs: null, ...ends };
  }
  const verdict = assessRollout(appSlots, now, slotsOf);
  const hooks = host.hooksOf(app.key);
  const steps = chooseSteps({ app, accepted, appSlots, work, slotsOf, verdict, hooks });
  const isToGo = appSlots.mode === 'stopped' && work.stop.length > 0;
  const first = isToGo ? dependentsToEndFirst(app.key, host) : [];
  const scene = { app, instances: host.instancesOf(app.key), hooks, records: host.hookRecordsOf(app.key) };
  const holds = [
    ...dependentsHolds(app.key, first),
    ...describeHolds(appSlots, { steps, now, verdict }),
    ...preStopHolds(scene, now),
  ];
  return {
    ...counted,
    actions: actionsWithHooks(withoutStops(steps.actions, first), readyOf(appSlots), scene),
    holds,
    health: assess({ app, accepted, reachable, appSlots, work, holds, verdict, hookRecords: scene.records }),
    requeueAfterMs: sooner(requeueAfterMs(appSlots, steps, now), hooksEndInMs(scene)),
    rollout: verdict,
    reload: steps.reload.verdict,
    preStart: preStartVerdict(app, hooks),
  };
}

/** Instances of the declared version that are ready. */
function readyOf({ slots }: AppSlots): readonly ObservedInstance[] {
  return slots.flatMap((slot) => (hasDeclared(slot) && slot.declared.ready ? [slot.declared.instance] : []));
}

function sooner(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** The same actions; while others have to end first, nothing is stopped. */
function withoutStops(actions: readonly Action[], first: readonly AppKey[]): readonly Action[] {
  return first.length === 0 ? actions : actions.filter(({ kind }) => kind !== 'stop');
}

function planRemoval(key: AppKey, host: HostView, { removalReason, now }: PlanContext): AppPlan {
  const input = {
    key,
    reason: removalReason?.(key) ?? 'RemovedFromFile',
    reachable: host.reachable,
    accepted: host.acceptedApp(key),
    instances: host.instancesOf(key),
    hooks: host.hooksOf(key),
    hookRecords: host.hookRecordsOf(key),
  };
  const counted: CountedChange = removalChange(input);
  const first = input.instances.some(isActive) ? dependentsToEndFirst(key, host) : [];
  return {
    ...counted,
    actions: host.reachable ? withLastHooks(withoutStops(removalActions(input), first), input) : [],
    holds: host.reachable
      ? [...dependentsHolds(key, first), ...removalHolds(input), ...lastHookHolds(input, now)]
      : [unreachableHold(key, host.silence)],
    health: assessRemoval(input),
    requeueAfterMs: lastHooksEndInMs(input),
    rollout: null,
    preStart: null,
    reload: null,
  };
}
