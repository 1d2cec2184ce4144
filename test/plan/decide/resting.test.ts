import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appKey } from '../../../src/lib/app-key.ts';
import { viewHost } from '../../../src/plan/model/host-view.ts';
import type { AcceptedApp, DesiredApp } from '../../../src/plan/model/desired.ts';
import type { Observed, ObservedInstance } from '../../../src/plan/model/observed.ts';
import { planThoroughly, planOne, rememberSlots } from '../../../src/plan/plan-app.ts';
import { planResting } from '../../../src/plan/resting.ts';
import {
  accept,
  makeApp,
  makeExit,
  makeHistory,
  NOW,
  observe,
  runAll,
  STARTED,
  STOPPED,
} from '../fixtures.ts';

/** An app at rest on its host. */
interface Scene {
  readonly app: DesiredApp;
  readonly accepted: AcceptedApp;
  readonly instances: readonly ObservedInstance[];
  readonly observed: Partial<Observed>;
}

type Trouble = (scene: Scene) => Scene;

const ofApp = (fields: Partial<DesiredApp>): Trouble => {
  return (scene) => ({ ...scene, app: { ...scene.app, ...fields } });
};

/** As it was accepted and as it is now. */
const ofSpec = (fields: Partial<DesiredApp['spec']>): Trouble => {
  return (scene) => {
    const spec = { ...scene.app.spec, ...fields };
    return { ...scene, app: { ...scene.app, spec }, accepted: { ...scene.accepted, spec } };
  };
};

/** Of the last process. */
const ofProcess = (fields: Partial<ObservedInstance>): Trouble => {
  return (scene) => ({
    ...scene,
    instances: scene.instances.map((it, index, all) =>
      index === all.length - 1 ? { ...it, ...fields } : it,
    ),
  });
};

const because = 'GET http://127.0.0.1:3000/ answered 503';
const failure = { reason: 'ReadyTimeout', message: 'not ready', slot: 0 } as const;
const outcome = { revision: 2, templateHash: 'other', at: NOW, failure, outcome: 'failed' } as const;

/** Whatever can be with an app that is not quite at rest; some of it says nothing. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  'a rollout of its first version': ofApp({ rollout: { previous: null, startedAt: NOW - 50, paused: null } }),
  'a rollout that failed': ofApp({
    lastRollout: outcome as unknown as NonNullable<DesiredApp['lastRollout']>,
  }),
  'a reload that failed': ofApp({
    lastReload: {
      count: 2,
      detail: 'asked for by ann',
      at: NOW,
      outcome: 'failed',
      failure,
    } as unknown as NonNullable<DesiredApp['lastReload']>,
  }),
  'stopped by an operator': ofApp({ override: STOPPED }),
  'started by an operator': ofApp({ override: STARTED }),
  'a generation later': ofApp({ generation: 2 }),
  'a restart asked for': ofApp({ restartGeneration: 1 }),
  'a restart of a slot': ofApp({ slotRestarts: { '0': 1 } }),
  'another template': ofApp({ templateHash: 'another' }),
  'begun afresh': ofApp({ begunAfresh: 1 }),
  'no autostart': ofSpec({ autostart: false }),
  scheduled: ofSpec({ schedule: '0 2 * * *' }),
  'one instance more': ofSpec({ instances: 4 }),
  'no instance': ofSpec({ instances: 0 }),
  'a long min_uptime': ofSpec({ min_uptime: 120_000 }),
  'a hook': ofSpec({ hooks: { post_start: { command: 'true' } } as unknown as DesiredApp['spec']['hooks'] }),
  'a longer min_ready': ofSpec({ rollout: { ...makeApp().spec.rollout, min_ready: 300_000 } }),
  'a dependency that is not there': ofSpec({ depends_on: { db: 'ready' } }),
  'not accepted before': (scene) => ({
    ...scene,
    accepted: { ...scene.accepted, key: appKey('shop', 'db') },
  }),
  'accepted with an override': (scene) => ({ ...scene, accepted: { ...scene.accepted, override: STOPPED } }),
  'accepted with other fields': (scene) => ({
    ...scene,
    accepted: { ...scene.accepted, spec: { ...scene.accepted.spec, kill_timeout: 77 } },
  }),
  'just started': ofProcess({ upMs: 400 }),
  'not running yet': ofProcess({ state: 'starting', upMs: 0 }),
  stopping: ofProcess({ state: 'stopping' }),
  ended: ofProcess({ state: 'exited', exit: makeExit() }),
  unverified: ofProcess({ state: 'unverified' }),
  'not ready': ofProcess({ probedReady: false, notReady: { forMs: 100, because, isDue: true } }),
  'ready, says a probe': ofProcess({ probedReady: true, readyForMs: 20 }),
  'in a slot too high': ofProcess({ slot: 7 }),
  'beside another': ofProcess({ slot: 0 }),
  'of a slot below all': ofProcess({ slot: -1 }),
  'of another template': ofProcess({ templateHash: 'older' }),
  'of an earlier generation': ofProcess({ generation: 0 }),
  'with lost sockets': ofProcess({ socketsLost: true }),
  'with a problem': ofProcess({ problems: [{ code: 'log-write-failed', message: 'no space left' }] }),
  'with a problem of no name': ofProcess({ problems: [{ code: 'other', message: 'said' }] }),
  'with no problem': ofProcess({ problems: [] }),
  'with a hook to run': ofProcess({ postStart: true }),
  'taking no connections': ofProcess({ accepting: false }),
  'reloading, says it': ofProcess({ notify: { state: 'reloading' } }),
  'of older code': ofProcess({ code: { id: 'older' } }),
  unreachable: (scene) => ({ ...scene, observed: { ...scene.observed, reachable: false } }),
  'with a record': (scene) => ({
    ...scene,
    observed: {
      ...scene.observed,
      history: [{ key: scene.app.key, slots: [makeHistory(scene.app), makeHistory(scene.app, { slot: 5 })] }],
    },
  }),
  'one process more': (scene) => {
    const [first] = scene.instances;
    const more = first === undefined ? [] : [{ ...first, nonce: 'more', slot: 9 }];
    return { ...scene, instances: [...scene.instances, ...more] };
  },
  'one process less': (scene) => ({ ...scene, instances: scene.instances.slice(1) }),
};

function sceneOf(instances: number): Scene {
  const app = makeApp('api', { spec: { instances } });
  return { app, accepted: accept(app), instances: runAll(app), observed: {} };
}

function hostOf({ app, accepted, instances, observed }: Scene) {
  return viewHost([app], observe({ instances, accepted: [accepted], ...observed })).host;
}

describe('an app at rest', () => {
  it.each([1, 2, 3])('of %i instances needs no look at everything', (instances) => {
    const scene = sceneOf(instances);
    expect(planResting(scene.app, hostOf(scene))).not.toBeNull();
  });

  const NEVER_AT_REST = ['ended', 'unreachable', 'with a problem', 'a generation later', 'one process more'];

  it.each(NEVER_AT_REST)('is none that is %s', (name) => {
    const scene = TROUBLES[name]?.(sceneOf(2)) ?? sceneOf(2);
    expect(planResting(scene.app, hostOf(scene))).toBeNull();
  });

  it('is planned as a look at everything would plan it, whatever is with it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.subarray(Object.keys(TROUBLES), { minLength: 0, maxLength: 3 }),
        fc.boolean(),
        (instances, names, hasNewCode) => {
          const scene = names.reduce((now, name) => TROUBLES[name]?.(now) ?? now, sceneOf(instances));
          const host = hostOf(scene);
          const code = { before: { id: 'a' }, after: { id: 'b' }, note: '' } as never;
          const context = {
            now: NOW,
            slotsOf: rememberSlots(host, NOW),
            codeChange: () => (hasNewCode ? code : undefined),
          };
          const made = planOne(scene.app.key, host, context);
          expect(made).toEqual(planThoroughly(scene.app.key, host, context));
          // The document is compared by its bytes.
          expect(JSON.stringify(made)).toBe(JSON.stringify(planThoroughly(scene.app.key, host, context)));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it.each(Object.keys(TROUBLES))('is planned so: %s', (name) => {
    const scene = TROUBLES[name]?.(sceneOf(2)) ?? sceneOf(2);
    const host = hostOf(scene);
    const context = { now: NOW, slotsOf: rememberSlots(host, NOW) };
    expect(planOne(scene.app.key, host, context)).toEqual(planThoroughly(scene.app.key, host, context));
  });
});
