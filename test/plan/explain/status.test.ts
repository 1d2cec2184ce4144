import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/plan/plan.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { AppHealth, Condition } from '../../../src/plan/model/health.ts';
import type { ObservedInstance, SlotHistory } from '../../../src/plan/model/observed.ts';
import {
  accept,
  makeApp,
  makeExit,
  makeHistory,
  makeInstance,
  NOW,
  observe,
  runAll,
  STARTED,
  STOPPED,
} from '../fixtures.ts';

interface Scene {
  readonly app?: DesiredApp;
  readonly instances?: readonly ObservedInstance[];
  readonly slots?: readonly SlotHistory[];
  readonly reachable?: boolean;
}

function healthOf({ app = makeApp(), instances = [], slots = [], reachable = true }: Scene): AppHealth {
  const history = [{ key: app.key, slots }];
  const host = observe({ reachable, instances, history, accepted: [accept(app)] });
  const [health] = plan([app], host, NOW).health;
  if (health === undefined) throw new Error('no health');
  return health;
}

function conditionOf(scene: Scene, type: Condition['type']): Condition | undefined {
  return healthOf(scene).conditions.find((condition) => condition.type === type);
}

const app = makeApp();
const two = makeApp('api', { spec: { instances: 2 } });
const job = makeApp('api', { spec: { autorestart: false } });
const limited = makeApp('api', { spec: { instances: 2, max_restarts: 0 } });
const crashed = makeHistory(app, { attempt: 1 });
const failedStart = makeHistory(app, {
  lastExit: makeExit({ error: 'spawn ENOENT', code: null, upMs: 0 }),
  attempt: 4,
});

describe('the health of an app', () => {
  it.each<[string, Scene, Pick<AppHealth, 'sync' | 'health' | 'converged'>]>([
    [
      'every instance is ready',
      { app: two, instances: runAll(two) },
      { sync: 'Synced', health: 'Healthy', converged: true },
    ],
    ['nothing has started yet', {}, { sync: 'OutOfSync', health: 'Progressing', converged: false }],
    [
      'a process has not been up for min_uptime',
      { instances: [makeInstance(app, { upMs: 10 })] },
      { sync: 'Synced', health: 'Progressing', converged: false },
    ],
    [
      'a process starts',
      { instances: [makeInstance(app, { state: 'starting', upMs: 0 })] },
      { sync: 'Synced', health: 'Progressing', converged: false },
    ],
    [
      'its probes fail',
      { instances: [makeInstance(app, { probedReady: false })] },
      { sync: 'Synced', health: 'Progressing', converged: false },
    ],
    [
      'its probes succeed before min_uptime',
      { instances: [makeInstance(app, { probedReady: true, upMs: 10 })] },
      { sync: 'Synced', health: 'Healthy', converged: true },
    ],
    [
      'all are ready and one is outdated',
      { app: two, instances: [makeInstance(two, { templateHash: 'x' }), makeInstance(two, { slot: 1 })] },
      { sync: 'OutOfSync', health: 'Progressing', converged: false },
    ],
    [
      'all are ready and one is to be taken over',
      { app: makeApp('api', { generation: 2 }), instances: [makeInstance(app)] },
      { sync: 'OutOfSync', health: 'Healthy', converged: false },
    ],
    [
      'a surplus process is on its way out',
      { instances: [makeInstance(app), makeInstance(app, { slot: 1, state: 'stopping' })] },
      { sync: 'OutOfSync', health: 'Healthy', converged: false },
    ],
    ['it crashed once', { slots: [crashed] }, { sync: 'OutOfSync', health: 'Progressing', converged: false }],
    [
      'it crashed three times in a row',
      { slots: [makeHistory(app, { attempt: 3 })] },
      { sync: 'OutOfSync', health: 'CrashLoop', converged: false },
    ],
    [
      'it is up again after three crashes and not ready yet',
      { instances: [makeInstance(app, { upMs: 10 })], slots: [makeHistory(app, { attempt: 3 })] },
      { sync: 'OutOfSync', health: 'CrashLoop', converged: false },
    ],
    [
      'it is ready after three crashes',
      { instances: [makeInstance(app)], slots: [makeHistory(app, { attempt: 3 })] },
      { sync: 'Synced', health: 'Healthy', converged: true },
    ],
    [
      'one of two crashed',
      { app: two, instances: [makeInstance(two, { slot: 1 })], slots: [crashed] },
      { sync: 'OutOfSync', health: 'Degraded', converged: false },
    ],
    [
      'one of two failed for good',
      { app: limited, instances: [makeInstance(limited, { slot: 1 })], slots: [makeHistory(limited)] },
      { sync: 'OutOfSync', health: 'Degraded', converged: false },
    ],
    [
      'one of two has not started yet',
      { app: two, instances: [makeInstance(two)] },
      { sync: 'OutOfSync', health: 'Progressing', converged: false },
    ],
    [
      'all failed for good',
      { app: limited, slots: [makeHistory(limited), makeHistory(limited, { slot: 1 })] },
      { sync: 'OutOfSync', health: 'Failed', converged: false },
    ],
    [
      'it cannot be started',
      { slots: [failedStart] },
      { sync: 'OutOfSync', health: 'Failed', converged: false },
    ],
    [
      'it stopped on purpose after crashes in a row',
      {
        app: makeApp('api', { spec: { stop_exit_codes: [0] } }),
        slots: [makeHistory(app, { attempt: 3, lastExit: makeExit({ code: 0 }) })],
      },
      { sync: 'Synced', health: 'Completed', converged: true },
    ],
    [
      'a job ended with an error',
      { app: job, slots: [makeHistory(job)] },
      { sync: 'OutOfSync', health: 'Failed', converged: false },
    ],
    [
      'a job ended well',
      { app: job, slots: [makeHistory(job, { lastExit: makeExit({ code: 0 }) })] },
      { sync: 'Synced', health: 'Completed', converged: true },
    ],
    [
      'an operator stopped it',
      { app: makeApp('api', { override: STOPPED }) },
      { sync: 'Synced', health: 'Stopped', converged: true },
    ],
    [
      'an operator stopped it and it still runs',
      { app: makeApp('api', { override: STOPPED }), instances: [makeInstance(app, { state: 'stopping' })] },
      { sync: 'OutOfSync', health: 'Progressing', converged: false },
    ],
    [
      'it is not started by itself',
      { app: makeApp('api', { spec: { autostart: false } }) },
      { sync: 'Synced', health: 'Stopped', converged: true },
    ],
    [
      'its only process cannot be proven ours',
      { instances: [makeInstance(app, { state: 'unverified' })] },
      { sync: 'Unknown', health: 'Missing', converged: false },
    ],
    [
      'one of its processes cannot be proven ours',
      { app: two, instances: [makeInstance(two), makeInstance(two, { slot: 1, state: 'unverified' })] },
      { sync: 'Unknown', health: 'Degraded', converged: false },
    ],
    [
      'the runner does not answer and nothing is known',
      { reachable: false },
      { sync: 'Unknown', health: 'Missing', converged: false },
    ],
    [
      'the runner does not answer any more',
      { reachable: false, instances: [makeInstance(app)] },
      { sync: 'Unknown', health: 'Healthy', converged: false },
    ],
  ])('when %s', (_name, scene, expected) => {
    expect(healthOf(scene)).toMatchObject(expected);
  });

  it('counts the instances that are wanted and ready', () => {
    const scaled = makeApp('api', { override: { instances: 3, by: 'ann', at: NOW } });
    const instances = [
      makeInstance(scaled),
      makeInstance(scaled, { slot: 1, upMs: 5 }),
      makeInstance(scaled, { slot: 7 }),
    ];
    expect(healthOf({ app: scaled, instances })).toMatchObject({ desiredInstances: 3, readyInstances: 1 });
    expect(healthOf({ app: makeApp('api', { override: STOPPED }) })).toMatchObject({ desiredInstances: 0 });
  });

  it('does not count a crash of an earlier template', () => {
    const newer = makeApp('api', { generation: 2, spec: { env: { FIXED: 'yes' } } });
    const scene = {
      app: newer,
      instances: [makeInstance(newer, { upMs: 10 })],
      slots: [makeHistory(app, { attempt: 9 })],
    };
    expect(healthOf(scene).health).toBe('Progressing');
  });

  it('on one that is to go is converged when no process is left', () => {
    const gone = (instances: readonly ObservedInstance[]) =>
      plan([], observe({ instances, accepted: [accept(app)] }), NOW).health[0];
    expect(gone([makeInstance(app)])).toMatchObject({
      sync: 'OutOfSync',
      health: 'Progressing',
      converged: false,
    });
    expect(gone([])).toMatchObject({
      sync: 'Synced',
      health: 'Missing',
      converged: true,
      desiredInstances: 0,
    });
  });
});

describe('the conditions of an app', () => {
  it('are all five, in one order, whatever the state', () => {
    const types = ['Ready', 'Progressing', 'Synced', 'BackOff', 'Overridden'];
    for (const scene of [{}, { reachable: false }, { app: makeApp('api', { override: STOPPED }) }]) {
      expect(healthOf(scene).conditions.map(({ type }) => type)).toEqual(types);
    }
    const removed = plan([], observe({ accepted: [accept(app)] }), NOW).health[0];
    expect(removed?.conditions.map(({ type }) => type)).toEqual(types);
  });

  it.each<[string, Scene, Partial<Condition> & Pick<Condition, 'type'>]>([
    [
      'how many are ready',
      { app: two, instances: runAll(two) },
      { type: 'Ready', status: 'True', reason: 'Ready', message: '2 of 2 instances ready' },
    ],
    [
      'what keeps it from being ready',
      { app: two, instances: [makeInstance(two, { slot: 1 })], slots: [makeHistory(two, { attempt: 4 })] },
      {
        type: 'Ready',
        status: 'False',
        reason: 'BackOff',
        message: '1 of 2 instances ready: back-off of 0.4s, attempt 4',
      },
    ],
    [
      'that it has failed, rather than that another waits',
      {
        app: limited,
        instances: [makeInstance(limited, { upMs: 3 })],
        slots: [makeHistory(limited, { slot: 1 })],
      },
      { type: 'Ready', status: 'False', reason: 'MaxRestartsExceeded' },
    ],
    [
      'that it is stopped',
      { app: makeApp('api', { override: STOPPED }) },
      { type: 'Ready', reason: 'StoppedByOperator' },
    ],
    [
      'that it is not started by itself',
      { app: makeApp('api', { spec: { autostart: false } }) },
      { type: 'Ready', reason: 'NotAutostarted' },
    ],
    [
      'that nothing is known',
      { reachable: false },
      { type: 'Ready', status: 'Unknown', reason: 'RunnerUnreachable' },
    ],
    [
      'that it goes on',
      { app: two, instances: [makeInstance(two, { templateHash: 'x' }), makeInstance(two, { slot: 1 })] },
      { type: 'Progressing', status: 'True', reason: 'TemplateChanged' },
    ],
    [
      'that it rests',
      { instances: [makeInstance(app)] },
      { type: 'Progressing', status: 'False', reason: 'Converged' },
    ],
    [
      'that it does not go on when it has failed',
      { app: job, slots: [makeHistory(job)] },
      { type: 'Progressing', status: 'False', reason: 'Exited' },
    ],
    ['why it is out of sync', {}, { type: 'Synced', status: 'False', reason: 'NotRunning' }],
    [
      'that a process is unknown',
      { instances: [makeInstance(app, { state: 'unverified' })] },
      { type: 'Synced', status: 'Unknown', reason: 'Unverified' },
    ],
    [
      'until when it waits',
      { slots: [crashed] },
      {
        type: 'BackOff',
        status: 'True',
        reason: 'BackOff',
        message: 'back-off of 0.1s, attempt 1',
      },
    ],
    [
      'why it could not be started',
      { slots: [failedStart] },
      {
        type: 'BackOff',
        status: 'True',
        reason: 'StartFailed',
        message: 'cannot be started: spawn ENOENT; tried again every 30s',
      },
    ],
    ['that it does not wait', { instances: [makeInstance(app)] }, { type: 'BackOff', status: 'False' }],
    [
      'who stopped it',
      { app: makeApp('api', { override: STOPPED }) },
      { type: 'Overridden', status: 'True', reason: 'StoppedByOperator', message: 'stopped by ann' },
    ],
    [
      'who started and scaled it',
      { app: makeApp('api', { override: { ...STARTED, instances: 2 } }) },
      {
        type: 'Overridden',
        status: 'True',
        reason: 'StartedByOperator',
        message: 'started and scaled to 2 by ann',
      },
    ],
    [
      'who scaled it',
      { app: makeApp('api', { override: { instances: 2, by: 'ann', at: NOW } }) },
      { type: 'Overridden', status: 'True', reason: 'ScaledByOperator' },
    ],
    ['that nobody did', {}, { type: 'Overridden', status: 'False' }],
  ])('say %s', (_name, scene, expected) => {
    expect(conditionOf(scene, expected.type)).toMatchObject(expected);
  });
});

describe('a promise that is lost', () => {
  const lost = (code: string, message: string): ObservedInstance[] =>
    runAll(two).map((instance) => ({ ...instance, problems: [{ code, message }] }));

  it('is a condition of the app while it is, told once for all instances', () => {
    const scene = { app: two, instances: lost('log-write-failed', 'cannot write /x (ENOSPC)') };
    expect(conditionOf(scene, 'Logging')).toEqual({
      type: 'Logging',
      status: 'False',
      reason: 'LogWriteFailed',
      message: 'cannot write /x (ENOSPC)',
    });
    expect(conditionOf({ app: two, instances: runAll(two) }, 'Logging')).toBeUndefined();
  });

  it('makes the app Degraded when its log cannot be written, and keeps nothing from converging', () => {
    const health = healthOf({ app: two, instances: lost('log-write-failed', 'no') });
    expect(health).toMatchObject({ sync: 'Synced', health: 'Degraded', converged: true });
  });

  it.each([
    ['log-dropped', 'Logging', 'LogLinesDropped'],
    ['log-rotation-failed', 'Logging', 'LogRotationFailed'],
    ['log-times-lost', 'Logging', 'LogTimesLost'],
    ['leftovers', 'ProcessesEnded', 'SurvivorsLeft'],
  ] as const)('leaves health alone when it is %s', (code, type, reason) => {
    const scene = { app: two, instances: lost(code, 'so it is') };
    expect(healthOf(scene).health).toBe('Healthy');
    expect(conditionOf(scene, type)).toMatchObject({ status: 'False', reason, message: 'so it is' });
  });

  it('names the slots whose sockets an earlier runner has bound, and the way to new ones', () => {
    const instances = runAll(two).map((one) => ({ ...one, listening: ['[::]:3000'], socketsLost: true }));
    expect(conditionOf({ app: two, instances }, 'SocketSharing')).toMatchObject({
      status: 'False',
      reason: 'SocketsLost',
      message: expect.stringMatching(/^slot 0, 1: .*; stateward restart shop\/api gives/) as string,
    });
  });
});
