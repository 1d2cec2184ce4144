import { hookOf, type HookName } from '../../spec/hooks/hooks.ts';
import { formatSpan } from '../../lib/units.ts';
import type { Action, Hold } from '../model/actions.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { HookRecord } from '../model/hooks.ts';
import type { ObservedHook, ObservedInstance } from '../model/observed.ts';
import type { Reason } from '../model/reasons.ts';
import { exitReason, wasAskedFor } from '../slots/exits.ts';
import { asRunBy } from '../slots/effective.ts';
import { hasEnded, isActive } from '../slots/readiness.ts';
import { hasRemains } from '../slots/remains.ts';
import { isGoingOn, runOf, timeoutOf } from './hook-runs.ts';
import { wasCalledOff } from './pre-start.ts';

/**
 * The hooks of single processes, and what becomes of all that run. An instance goes this way:
 *
 *   ready ──post_start──▶ …        a stop is decided ──pre_stop──▶ asked to stop ──▶ ended ──post_stop──▶ forgotten
 *
 * Only pre_stop holds anything: the stop of its own process, for its timeout at most. That a hook has run for a process is
 * known from the table of the runner: its line stays there for as long as the process it is about could ask for it again.
 */
export interface HookScene {
  /** As what the hooks run. */
  readonly app: DesiredApp;
  /** All processes of the app that are on the table. */
  readonly instances: readonly ObservedInstance[];
  readonly hooks: readonly ObservedHook[];
  /** Runs that are on record. */
  readonly records: readonly Pick<HookRecord, 'nonce'>[];
}

/** Actions on instances as hooks have them: a stop becomes pre_stop first, an end is followed by post_stop. */
export function withHooks(actions: readonly Action[], scene: HookScene): readonly Action[] {
  return actions.flatMap((action): readonly Action[] => {
    if (action.kind === 'stop') return beforeStop(action, scene);
    if (action.kind === 'forget') return beforeForget(action, scene);
    return [action];
  });
}

type ActionOf<K extends Action['kind']> = Extract<Action, { kind: K }>;

function beforeStop(stop: ActionOf<'stop'>, { app, instances, hooks }: HookScene): readonly Action[] {
  const instance = instances.find(({ nonce }) => nonce === stop.nonce);
  if (instance?.state !== 'running' || isHurried(stop)) return [stop];
  const run = runOf(hooks, 'pre_stop', stop.nonce);
  if (run !== undefined) return isPending(run, app) ? [] : [stop];
  if (hookOf(app.spec, 'pre_stop') === undefined) return [stop];
  const { successor } = stop;
  return [
    { ...hookAction(app, 'pre_stop', instance, stop.reason), ...(successor !== undefined && { successor }) },
  ];
}

/** Who asks for a stop at once waits for nothing. */
function isHurried({ how }: ActionOf<'stop'>): boolean {
  return how.drainMs === 0 && how.graceMs === 0;
}

/** Whether a stop waits for the hook. One that does not end when it is asked to holds up nothing. */
function isPending(run: ObservedHook, app: DesiredApp): boolean {
  return isGoingOn(run) && run.state !== 'unverified' && run.upMs < timeoutOf(app.spec, 'pre_stop');
}

function beforeForget(forget: ActionOf<'forget'>, { app, instances, hooks }: HookScene): readonly Action[] {
  const instance = instances.find(({ nonce }) => nonce === forget.nonce);
  const exit = instance?.exit ?? null;
  // What could not be started has left nothing to tidy up.
  if (instance === undefined || exit === null || exit.error !== null || hasRemains(instance)) return [forget];
  if (hookOf(app.spec, 'post_stop') === undefined || runOf(hooks, 'post_stop', forget.nonce) !== undefined) {
    return [forget];
  }
  const reason = wasAskedFor(exit) ? 'StopCompleted' : exitReason(exit);
  return [hookAction(app, 'post_stop', instance, reason)];
}

/**
 * What is to be done, with the hooks of the app: `ready` are the instances whose post_start may be due.
 */
export function actionsWithHooks(
  actions: readonly Action[],
  ready: readonly ObservedInstance[],
  scene: HookScene,
): readonly Action[] {
  const stops = new Set(actions.flatMap((action) => (action.kind === 'stop' ? [action.nonce] : [])));
  return [
    ...tidyHooks(scene, (nonce) => stops.has(nonce)),
    ...withHooks(actions, scene),
    ...postStarts(ready, scene),
  ];
}

/** The stops that wait for pre_stop, the lowest slot first. */
export function preStopHolds({ app, hooks, instances }: HookScene, now: number): readonly Hold[] {
  const holds = hooks.flatMap((hook): readonly (Hold & { readonly slot: number })[] => {
    const about = instances.find(({ nonce }) => nonce === hook.hook.of);
    if (hook.hook.name !== 'pre_stop' || about === undefined || !isPending(hook, app)) return [];
    const leftMs = timeoutOf(app.spec, 'pre_stop') - hook.upMs;
    const process = about.pid === null ? 'the process' : `process ${about.pid}`;
    const message = `pre_stop hook of ${process} running, ${formatSpan(hook.upMs)}, ${formatSpan(leftMs)} left`;
    return [{ key: app.key, slot: about.slot, reason: 'HookRunning', message, until: now + leftMs }];
  });
  return holds.sort((one, other) => one.slot - other.slot || (one.message < other.message ? -1 : 1));
}

/** post_start of processes that have become ready. */
export function postStarts(ready: readonly ObservedInstance[], { app, hooks }: HookScene): readonly Action[] {
  if (hookOf(app.spec, 'post_start') === undefined) return [];
  return ready
    .filter(({ postStart, nonce }) => postStart === true && runOf(hooks, 'post_start', nonce) === undefined)
    .map((instance) => hookAction(app, 'post_start', instance, 'Ready'));
}

function hookAction(
  app: DesiredApp,
  name: HookName,
  instance: ObservedInstance,
  reason: Reason,
): ActionOf<'hook'> {
  const { key, slot, nonce, pid, exit, ports } = instance;
  return {
    kind: 'hook',
    key,
    slot,
    app: surroundingsOf(instance, app),
    run: { name, of: nonce, slot, reason },
    facts: {
      pid,
      ...(exit !== null && { exitCode: exit.code, exitSignal: exit.signal }),
      ...(ports !== undefined && { ports }),
    },
    reason,
  };
}

/** A hook sees what its process sees: the folder and environment of the version that runs. What is run is as declared now. */
function surroundingsOf(instance: ObservedInstance, app: DesiredApp): DesiredApp {
  const { spec } = asRunBy(instance, app);
  const { revision } = instance;
  return { ...app, revision, spec: spec === app.spec ? spec : { ...spec, hooks: app.spec.hooks } };
}

/** Ends hooks whose time is over or that are not wanted any more, and drops those that nobody asks for again. */
export function tidyHooks(scene: HookScene, isToStop: (nonce: string) => boolean): readonly Action[] {
  return scene.hooks.flatMap((hook): readonly Action[] => {
    const why = isGoingOn(hook) ? whyEnded(hook, scene) : null;
    if (why !== null) return [endHook(hook, why)];
    const isRecorded = scene.records.some(({ nonce }) => nonce === hook.nonce);
    if (isGoingOn(hook) || !isRecorded || isAskedFor(hook, scene, isToStop)) return [];
    const { key, slot, nonce, revision } = hook;
    return [{ kind: 'forget', key, slot, nonce, revision, reason: 'ExitRecorded' }];
  });
}

function whyEnded(hook: ObservedHook, { app }: HookScene): Reason | null {
  const { state, upMs } = hook;
  if (state !== 'running' && state !== 'starting') return null;
  const { name, of } = hook.hook;
  if (name === 'pre_start') {
    if (app.preStart === undefined || of !== String(app.preStart.release)) return 'HookSuperseded';
    if (app.override?.run === 'stopped') return 'StoppedByOperator';
  }
  return upMs >= timeoutOf(app.spec, name) ? 'HookTimeout' : null;
}

/** Whether a hook that has ended would run again if nothing were known of it. */
function isAskedFor(
  hook: ObservedHook,
  { app, instances }: HookScene,
  isToStop: (nonce: string) => boolean,
): boolean {
  const { name, of } = hook.hook;
  const about = instances.find(({ nonce }) => nonce === of);
  switch (name) {
    case 'pre_start':
      return app.preStart?.state === 'due' && of === String(app.preStart.release) && !wasCalledOff(hook, app);
    case 'post_start':
      return about !== undefined && !hasEnded(about);
    case 'pre_stop':
      return about !== undefined && isActive(about) && isToStop(of);
    case 'post_stop':
      return about !== undefined;
    case 'on_failure':
      return false;
  }
}

/** Between being asked to end and being killed. */
const GRACE_MS = 5_000;

/** Hooks of an app of which nobody knows anything any more. */
export function endHooks(hooks: readonly ObservedHook[]): readonly Action[] {
  return hooks.flatMap((hook): readonly Action[] => {
    const { key, slot, nonce, revision, state } = hook;
    if (state === 'exited') return [{ kind: 'forget', key, slot, nonce, revision, reason: 'ExitRecorded' }];
    return state === 'running' || state === 'starting' ? [endHook(hook, 'Unmanaged')] : [];
  });
}

function endHook({ key, slot, nonce, revision, hook }: ObservedHook, reason: Reason): Action {
  const how = { signal: 'SIGTERM', tree: true, graceMs: GRACE_MS, drainMs: 0, message: false };
  return { kind: 'stop', key, slot, nonce, revision, reason, how, hook: hook.name };
}

/** Milliseconds until the time of a hook is over; null: none runs. */
export function hooksEndInMs({ app, hooks }: Pick<HookScene, 'app' | 'hooks'>): number | null {
  const waits = hooks
    .filter(({ state }) => state === 'running' || state === 'starting')
    .map(({ upMs, hook }) => timeoutOf(app.spec, hook.name) - upMs);
  return waits.length === 0 ? null : Math.max(1, Math.min(...waits));
}
