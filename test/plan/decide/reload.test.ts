import { describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../../src/plan/model/observed.ts';
import type { ReloadState } from '../../../src/plan/model/reload.ts';
import { planApp } from '../../../src/plan/plan.ts';
import { viewHost } from '../../../src/plan/model/host-view.ts';
import {
  accept,
  makeApp,
  makeExit,
  makeHistory,
  makeInstance,
  NOW,
  observe,
  runAll,
  short,
} from '../fixtures.ts';

const RELOAD = { signal: 'SIGHUP', command: null, timeout: 30_000, on_change: [] };
const ASKED: ReloadState = {
  count: 2,
  slots: null,
  reason: 'SettingsChanged',
  detail: 'nginx.conf changed',
  at: NOW,
};
const before = makeApp('web', { spec: { instances: 3, reload: RELOAD } });
const app: DesiredApp = { ...before, reloads: 2, reload: ASKED };
const [p0, p1, p2] = runAll(app) as [ObservedInstance, ObservedInstance, ObservedInstance];

type Reloaded = NonNullable<ObservedInstance['reload']>;

function after(instance: ObservedInstance, reload: Partial<Reloaded> = {}): ObservedInstance {
  return { ...instance, reload: { count: 2, state: 'done', forMs: 60_000, ...reload } };
}

function planOf(
  instances: readonly ObservedInstance[],
  {
    desired = app,
    slots = [],
  }: { readonly desired?: DesiredApp; readonly slots?: readonly SlotHistory[] } = {},
) {
  const observed = observe({ instances, history: [{ key: app.key, slots }], accepted: [accept(before)] });
  return planApp(app.key, viewHost([desired], observed).host, { now: NOW });
}

describe('a reload', () => {
  it('asks the lowest slot first, and touches no process', () => {
    const { actions, change, untouched } = planOf([p0, p1, p2]);
    expect(short(actions)).toEqual(['reload 0 SettingsChanged']);
    expect(change).toMatchObject({
      ...{ kind: 'reload', reason: 'SettingsChanged', touches: 0 },
      reload: { processes: 3, how: 'HUP', detail: 'nginx.conf changed' },
    });
    expect(untouched).toBe(3);
  });

  it.each([
    ['until it has gone on for a while', after(p0, { forMs: 999 })],
    ['while its command runs', after(p0, { state: 'running', forMs: 5_000 })],
    ['while it is not ready', { ...after(p0, { forMs: 5_000 }), probedReady: false }],
  ])('waits with the next slot %s', (_, first) => {
    const { actions, holds, reload } = planOf([first, p1, p2]);
    expect(actions).toEqual([]);
    expect(holds.at(-1)).toMatchObject({ slot: 0, reason: 'ReloadInProgress' });
    expect(reload).toBeNull();
  });

  it('looks again when the process has gone on for long enough', () => {
    expect(planOf([after(p0, { forMs: 400 }), p1, p2]).requeueAfterMs).toBe(600);
  });

  it('goes on with the next slot then', () => {
    expect(short(planOf([after(p0), p1, p2]).actions)).toEqual(['reload 1 SettingsChanged']);
  });

  it('asks as many at once as the rollout allows', () => {
    const rollout = { ...app.spec.rollout, parallel: 2 };
    const desired = { ...app, spec: { ...app.spec, rollout } };
    expect(short(planOf([p0, p1, p2], { desired }).actions)).toEqual([
      'reload 0 SettingsChanged',
      'reload 1 SettingsChanged',
    ]);
  });

  it('is over when every process has met it', () => {
    expect(planOf([after(p0), after(p1), after(p2)]).reload).toEqual({
      kind: 'reloaded',
      count: 2,
      failure: null,
    });
  });

  it('leaves alone what was started since it was asked for', () => {
    const fresh = [p0, p1, p2].map((one) => ({ ...one, startReloads: 2 }));
    expect(planOf(fresh)).toMatchObject({ actions: [], reload: { failure: null } });
  });

  it('leaves the slots alone that it is not about', () => {
    const desired = { ...app, reload: { ...ASKED, slots: [1] } };
    expect(short(planOf([p0, p1, p2], { desired }).actions)).toEqual(['reload 1 SettingsChanged']);
    expect(planOf([p0, after(p1), p2], { desired }).reload).toMatchObject({ failure: null });
  });

  it('needs nothing of a slot without a process', () => {
    const history = makeHistory(app, { lastExit: makeExit(), lastNonce: p0.nonce });
    const { actions, reload } = planOf([after(p1), after(p2)], { slots: [history] });
    expect(actions.map(({ kind }) => kind)).not.toContain('reload');
    expect(reload).toMatchObject({ failure: null });
  });

  it('is over where the app cannot be reloaded any more', () => {
    const desired = { ...app, spec: { ...app.spec, reload: null } };
    expect(planOf([p0, p1, p2], { desired }).reload).toEqual({ kind: 'reloaded', count: 2, failure: null });
  });

  it('waits for processes that are to be replaced', () => {
    const old = [p0, p1, p2].map((one) => ({ ...one, templateHash: 'older' }));
    const { actions, reload } = planOf(old);
    expect(actions.map(({ kind }) => kind)).not.toContain('reload');
    expect(reload).toBeNull();
  });

  it('is part of no plan once it is recorded', () => {
    const { reload: _, ...done } = app;
    const plan = planOf([after(p0), after(p1), after(p2)], { desired: done });
    expect(plan).toMatchObject({ actions: [], change: { kind: 'unchanged' }, health: { converged: true } });
  });
});

describe('a reload fails', () => {
  it('when its command fails, and asks nobody else', () => {
    const failed = after(p0, { state: 'failed', message: 'nginx ended with code 1', forMs: 5 });
    const { actions, reload } = planOf([failed, p1, p2]);
    expect(actions).toEqual([]);
    expect(reload?.failure).toEqual({
      reason: 'ReloadFailed',
      message: 'slot 0: nginx ended with code 1',
      slot: 0,
    });
  });

  it.each([
    ['exited with code 3', { code: 3 }, 'Exited'],
    ['was ended by SIGHUP', { code: null, signal: 'SIGHUP' }, 'Killed'],
  ])('when a process %s soon after it', (text, exit, reason) => {
    const lastExit = makeExit({ ...exit, upMs: 60_000, reload: { count: 2, forMs: 300 } });
    const { reload } = planOf([p1, p2], { slots: [makeHistory(app, { lastExit, lastNonce: p0.nonce })] });
    expect(reload?.failure).toEqual({ reason, message: `slot 0 ${text} 0.3s after HUP`, slot: 0 });
  });

  it('when a process that has read them is found unfit, which is known when it has ended', () => {
    const ending = { ...after(p0, { forMs: 2_000 }), state: 'stopping' } as const;
    expect(planOf([ending, after(p1), after(p2)]).reload).toBeNull();
    const lastExit = makeExit({
      requested: true,
      unfit: 'LivenessFailed',
      reload: { count: 2, forMs: 2_100 },
    });
    const slots = [makeHistory(app, { lastExit, lastNonce: p0.nonce })];
    expect(planOf([after(p1), after(p2)], { slots }).reload?.failure).toEqual({
      reason: 'LivenessFailed',
      message: 'slot 0 was ended 2.1s after HUP: its liveness probe failed',
      slot: 0,
    });
  });

  it.each([
    ['long after it', makeExit({ reload: { count: 2, forMs: 20_000 } })],
    ['after an earlier one', makeExit({ reload: { count: 1, forMs: 300 } })],
    ['asked to', makeExit({ requested: true, reload: { count: 2, forMs: 300 } })],
    ['with the host', makeExit({ hostRestarted: true, reload: { count: 2, forMs: 300 } })],
  ])('not when a process ended %s', (_, lastExit) => {
    const { reload } = planOf([p1, p2], { slots: [makeHistory(app, { lastExit, lastNonce: p0.nonce })] });
    expect(reload).toBeNull();
  });

  it('when a process is not ready again in time', () => {
    const late = { ...after(p0, { forMs: 40_000 }), probedReady: false };
    expect(planOf([late, p1, p2]).reload?.failure).toMatchObject({ reason: 'ReadyTimeout', slot: 0 });
  });

  it('and is told until it is met or the processes are others', () => {
    const { reload: _, ...rest } = app;
    const failure = { reason: 'ReloadFailed', message: 'slot 0: nginx ended with code 1', slot: 0 } as const;
    const lastReload = { ...ASKED, outcome: 'failed', generation: 1, endedAt: NOW, failure } as const;
    const desired = { ...rest, lastReload };
    const told = planOf([p0, p1, p2], { desired }).health.conditions.find(({ type }) => type === 'Reloaded');
    expect(told).toMatchObject({ status: 'False', reason: 'ReloadFailed' });
    expect(told?.message).toContain('stateward reload shop/web');
    const fresh = [p0, p1, p2].map((one) => ({ ...one, startReloads: 2 }));
    const types = planOf(fresh, { desired }).health.conditions.map(({ type }) => type);
    expect(types).not.toContain('Reloaded');
  });
});

describe('a reload beside other changes', () => {
  it('is named where only live fields change with it', () => {
    const spec = { ...app.spec, kill_timeout: 9_000 };
    const { change } = planOf([p0, p1, p2], { desired: { ...app, spec } });
    expect(change).toMatchObject({ kind: 'reload', fields: [{ path: 'kill_timeout' }], touches: 0 });
  });

  it('is named beside a scale', () => {
    const spec = { ...app.spec, instances: 4 };
    const { change } = planOf([p0, p1, p2], { desired: { ...app, spec } });
    expect(change).toMatchObject({ kind: 'scale', touches: 1, reload: { processes: 3 } });
  });

  it('leaves a stopped app alone', () => {
    const override = { run: 'stopped', by: 'ann', at: NOW } as const;
    expect(planOf([], { desired: { ...app, override } })).toMatchObject({
      actions: [],
      reload: { failure: null },
    });
  });

  it('does not count a process twice that is being stopped', () => {
    const { actions } = planOf([makeInstance(app, { slot: 0, state: 'stopping' }), after(p1), after(p2)]);
    expect(actions).toEqual([]);
  });
});
