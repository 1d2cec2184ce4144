import { describe, expect, it } from 'vitest';
import type { AppPlan } from '../../src/plan/app-plan.ts';
import { viewHost } from '../../src/plan/model/host-view.ts';
import { planApp } from '../../src/plan/plan.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { InstanceExit, ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { AppVersion, RolloutState } from '../../src/plan/model/rollout.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import {
  makeApp,
  makeExit,
  makeHistory,
  makeInstance,
  makeSpec,
  NOW,
  observe,
  runAll,
  STOPPED,
} from './fixtures.ts';

const STARTED = NOW - 60_000;
const rollout: AppSpec['rollout'] = {
  ...makeSpec().rollout,
  max_surge: 1,
  max_unavailable: 0,
  min_ready: 1_000,
  on_failure: 'rollback',
};
const spec = { instances: 2, rollout };
const before = makeApp('web', { spec });
const previous: AppVersion = { ...before, slotRestarts: {} };
const underWay: RolloutState = { previous, startedAt: STARTED, paused: null };
const after: DesiredApp = {
  ...makeApp('web', { spec: { ...spec, env: { LOG: 'debug' } }, generation: 2, revision: 2 }),
  rollout: underWay,
};
const [old0, old1] = runAll(before) as [ObservedInstance, ObservedInstance];

function next(slot: number, fields: Partial<ObservedInstance> = {}): ObservedInstance {
  return makeInstance(after, {
    slot,
    nonce: `new-${slot}`,
    startedAt: NOW - 30_000,
    upMs: 30_000,
    ...fields,
  });
}

function planOf(
  instances: readonly ObservedInstance[],
  { app = after, slots = [] }: { readonly app?: DesiredApp; readonly slots?: readonly SlotHistory[] } = {},
): AppPlan {
  const history = [{ key: app.key, slots }];
  const { host } = viewHost([app], observe({ instances, history }));
  return planApp(app.key, host, { now: NOW });
}

function failureOf(exit: Partial<InstanceExit>, app = after) {
  const slots = [makeHistory(app, { lastNonce: 'new-0', lastExit: makeExit({ upMs: 200, ...exit }) })];
  return planOf([old0, old1], { app, slots }).rollout;
}

function withSpec(fields: Partial<AppSpec>, state: Partial<RolloutState> = {}): DesiredApp {
  return { ...after, spec: { ...after.spec, ...fields }, rollout: { ...underWay, ...state } };
}

const notReady = { forMs: 30_000, because: 'GET http://127.0.0.1:3000/ answered 503', isDue: true };

describe('what is not restarted by itself', () => {
  const job = withSpec({ autorestart: false });
  const slots = [makeHistory(job, { lastNonce: 'new-0', lastExit: makeExit({ upMs: 200 }) })];

  it('is not run once more in the version before, when nothing of that serves', () => {
    expect(planOf([], { app: job, slots }).rollout).toBeNull();
  });

  it('gives way to a process of the version before that does', () => {
    expect(planOf([old0, old1], { app: job, slots }).rollout).toMatchObject({ kind: 'failed' });
  });
});

describe('a rollout is complete', () => {
  it('when every instance runs the version, has proven itself, and nothing else is left', () => {
    expect(planOf([next(0), next(1)])).toMatchObject({
      rollout: { kind: 'completed' },
      health: { converged: true, health: 'Healthy' },
    });
  });

  it.each<[string, readonly ObservedInstance[]]>([
    ['one is outdated', [next(0), old1]],
    ['one has not been ready for min_ready', [next(0), next(1, { upMs: 1_900 })]],
    ['an old process is still there', [next(0), next(1), { ...old1, nonce: 'x' }]],
    ['an old process is on its way out', [next(0), next(1), { ...old1, state: 'stopping' }]],
    ['one is missing', [next(0)]],
  ])('not while %s', (_, instances) => {
    expect(planOf(instances)).toMatchObject({ rollout: null, health: { converged: false } });
  });

  it('also of instances that ended on purpose', () => {
    const app = withSpec({ stop_exit_codes: [0] });
    const slots = [0, 1].map((slot) =>
      makeHistory(app, { slot, lastExit: makeExit({ code: 0 }), lastNonce: `new-${slot}` }),
    );
    expect(planOf([], { app, slots }).rollout).toEqual({ kind: 'completed' });
  });

  it('at once where nothing could prove anything', () => {
    expect(planOf([], { app: withSpec({ instances: 0 }) }).rollout).toEqual({ kind: 'completed' });
    expect(planOf([], { app: withSpec({ autostart: false }) }).rollout).toEqual({ kind: 'completed' });
    expect(planOf([], { app: withSpec({ schedule: '0 2 * * *' }) }).rollout).toEqual({ kind: 'completed' });
  });

  it('not by being stopped: a version that was stopped in the middle of it has proven nothing', () => {
    expect(planOf([], { app: { ...after, override: STOPPED } }).rollout).toBeNull();
    const scaled = { ...after, override: { instances: 0, by: 'ann', at: NOW } };
    expect(planOf([], { app: scaled }).rollout).toBeNull();
  });

  it('of a first version as soon as all are ready', () => {
    const app = withSpec({}, { previous: null });
    expect(planOf([next(0), next(1, { upMs: 1_100 })], { app })).toMatchObject({
      rollout: { kind: 'completed' },
      health: { converged: true },
    });
  });
});

describe('a rollout fails', () => {
  it.each<[string, Partial<InstanceExit>, string, string]>([
    ['exits', {}, 'Exited', 'slot 0 exited with code 1 after 0.2s'],
    ['exits with 0', { code: 0 }, 'Exited', 'slot 0 exited with code 0 after 0.2s'],
    [
      'is killed',
      { code: null, signal: 'SIGKILL', upMs: 125_000 },
      'Killed',
      'slot 0 was ended by SIGKILL after 2m5s',
    ],
    [
      'cannot be started',
      { code: null, upMs: 0, error: 'spawn: ENOENT' },
      'StartFailed',
      'slot 0 could not be started: spawn: ENOENT',
    ],
  ])('when an instance of the version %s', (_, exit, reason, message) => {
    const failure = { reason, message, slot: 0 };
    expect(failureOf(exit)).toEqual({ kind: 'failed', failure, nonce: 'new-0' });
  });

  it('when an instance is not ready by listen_timeout', () => {
    const plan = planOf([old0, next(0, { probedReady: false, notReady }), old1]);
    const message = 'slot 0 was not ready within 30s: GET http://127.0.0.1:3000/ answered 503';
    const failure = { reason: 'ReadyTimeout', message, slot: 0 };
    expect(plan.rollout).toEqual({ kind: 'failed', failure, nonce: next(0).nonce });
  });

  it('when nothing has happened for its deadline', () => {
    const app = withSpec({ rollout: { ...rollout, deadline: 30_000 } });
    const waiting = { ...notReady, isDue: false };
    const stuck = next(0, { probedReady: false, notReady: waiting });
    expect(planOf([old0, stuck, old1], { app }).rollout).toEqual({
      kind: 'failed',
      failure: { reason: 'RolloutDeadline', message: 'no progress for 30s', slot: null },
      nonce: stuck.nonce,
    });
    const sooner = planOf([old0, { ...stuck, upMs: 29_000 }, old1], { app });
    expect(sooner).toMatchObject({ rollout: null, requeueAfterMs: 1_000 });
  });

  it('also with a crash after the instance had proven itself, as long as others are to follow', () => {
    const exit = makeExit({ upMs: 20_000 });
    const slots = [makeHistory(after, { lastNonce: 'new-0', lastExit: exit })];
    expect(planOf([old1], { slots }).rollout).toMatchObject({ kind: 'failed' });
    expect(planOf([next(0), old1], { slots }).rollout).toMatchObject({ kind: 'failed' });
  });

  it('and nothing is started, replaced or ended any more until the consequence is drawn', () => {
    const slots = [makeHistory(after, { lastNonce: 'new-0', lastExit: makeExit({ at: NOW - 50_000 }) })];
    const plan = planOf([old0, next(1), old1], { slots });
    expect(plan).toMatchObject({ rollout: { kind: 'failed' }, actions: [], health: { converged: false } });
    expect(plan.holds.at(-1)).toMatchObject({ reason: 'RolloutFailed' });
  });
});

describe('a rollout does not fail', () => {
  it.each<[string, Partial<InstanceExit>, DesiredApp]>([
    ['by an exit that was asked for', { requested: true }, after],
    ['by an exit from before it began', { at: STARTED - 1 }, after],
    ['by an end on purpose', { code: 0 }, withSpec({ autorestart: false })],
    ['where it is to continue', {}, withSpec({ rollout: { ...rollout, on_failure: 'continue' } })],
    ['where there is nothing to go back to', {}, withSpec({}, { previous: null })],
    [
      'again when it has failed already',
      {},
      withSpec(
        {},
        { paused: { by: 'stateward', at: NOW, failure: { reason: 'Exited', message: '', slot: 0 } } },
      ),
    ],
    ['while the app is stopped', {}, { ...after, override: STOPPED }],
  ])('%s', (_, exit, app) => {
    expect(failureOf(exit, app)).toBeNull();
  });

  it('by what an instance waited for before it began', () => {
    const app = withSpec({}, { startedAt: NOW - 10_000 });
    const stuck = next(0, { probedReady: false, notReady });
    expect(planOf([stuck, old1], { app })).toMatchObject({ rollout: null, requeueAfterMs: 20_000 });
  });

  it('for want of progress while it is paused, or before any process is there', () => {
    const deadline = { rollout: { ...rollout, deadline: 1_000 } };
    const paused = withSpec(deadline, { paused: { by: 'ann', at: NOW, failure: null } });
    expect(planOf([old0, old1], { app: paused }).rollout).toBeNull();
    expect(planOf([], { app: withSpec(deadline) }).rollout).toBeNull();
  });

  it('by a restart of the same program, once no process of before is left to be kept', () => {
    const restarted: DesiredApp = { ...before, generation: 2, restartGeneration: 1, rollout: underWay };
    const slots = [makeHistory(restarted, { lastNonce: 'new-0' })];
    expect(planOf([old1], { app: restarted, slots }).rollout).toMatchObject({ kind: 'failed' });
    expect(planOf([], { app: restarted, slots }).rollout).toBeNull();
    expect(planOf([{ ...old1, state: 'stopping' }], { app: restarted, slots }).rollout).toBeNull();
  });
});

describe('a version that failed and is tried again', () => {
  const again = withSpec({}, { startedAt: NOW });
  const crashed = makeHistory(again, {
    lastNonce: 'new-0',
    attempt: 9,
    lastExit: makeExit({ at: NOW - 10 }),
  });

  it('starts at once, and not after the back-off of the first try', () => {
    const made = planOf([old0, old1], { app: again, slots: [crashed] });
    expect(made.actions).toMatchObject([{ kind: 'start', slot: 0, reason: 'TemplateChanged' }]);
    expect(planOf([old1], { app: again, slots: [crashed] }).actions).toMatchObject([
      { kind: 'start', slot: 0 },
    ]);
  });

  it('starts where it had failed for good, and is in no crash loop any more', () => {
    const app = withSpec({ max_restarts: 0 }, { startedAt: NOW });
    const made = planOf([old1], { app, slots: [crashed] });
    expect(made).toMatchObject({ actions: [{ kind: 'start' }], health: { health: 'Progressing' } });
  });

  it('does not run again what has ended on purpose', () => {
    const app = withSpec({ autorestart: false }, { startedAt: NOW });
    const done = { ...crashed, lastExit: makeExit({ at: NOW - 10, code: 0 }) };
    expect(planOf([next(1)], { app, slots: [done] }).actions).toEqual([]);
  });
});

describe('a crash of the new process cannot be hidden by the end of the old one', () => {
  const crash = { ...next(0, { state: 'exited' }), exit: makeExit({ upMs: 200 }) };
  const end = makeExit({ requested: true, code: 0, at: NOW + 1, upMs: 60_001 });
  const ended = { ...old0, state: 'exited' as const, exit: end };

  it.each<[string, readonly ObservedInstance[]]>([
    ['which came later', [crash, ended]],
    ['which came before', [crash, { ...ended, exit: { ...end, at: NOW - 1, upMs: 59_999 } }]],
    ['which crashed as well', [crash, { ...ended, exit: { ...end, requested: false, code: 9 } }]],
  ])('%s', (_, exited) => {
    expect(planOf([...exited, old1]).rollout).toMatchObject({
      kind: 'failed',
      failure: { message: 'slot 0 exited with code 1 after 0.2s' },
    });
  });
});
