import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import {
  accept,
  makeApp,
  makeHistory,
  makeInstance,
  NOW,
  observe,
  runAll,
  STARTED,
  STOPPED,
  short,
} from './fixtures.ts';

function planOf(app: DesiredApp, instances: readonly ObservedInstance[] = []): Plan {
  return plan([app], observe({ instances, accepted: [accept(app)] }), NOW);
}

describe('scaling', () => {
  it('starts every slot of a new app, lowest first', () => {
    const app = makeApp('api', { spec: { instances: 3 } });
    const { actions } = plan([app], observe(), NOW);
    expect(short(actions)).toEqual(['start 0 Created', 'start 1 Created', 'start 2 Created']);
  });

  it('gives a start the version that it is to run', () => {
    const app = makeApp('api', { generation: 7, restartGeneration: 2, revision: 41 });
    expect(planOf(app).actions[0]).toEqual({
      kind: 'start',
      key: 'shop/api',
      slot: 0,
      app,
      reason: 'NotRunning',
    });
  });

  it('does nothing when all instances run', () => {
    const app = makeApp('api', { spec: { instances: 3 } });
    expect(planOf(app, runAll(app)).actions).toEqual([]);
  });

  it('removes the highest slots first', () => {
    const app = makeApp('api', { spec: { instances: 2 } });
    const five = makeApp('api', { spec: { instances: 5 } });
    expect(short(planOf(app, runAll(five)).actions)).toEqual([
      'stop 4 ScaledDown',
      'stop 3 ScaledDown',
      'stop 2 ScaledDown',
    ]);
  });

  it('stops with the kill timeout and tree setting of the spec', () => {
    const app = makeApp('api', { spec: { kill_timeout: 1_234, treekill: false } });
    const [action] = planOf(app, [makeInstance(app), makeInstance(app, { slot: 1 })]).actions;
    expect(action).toMatchObject({
      kind: 'stop',
      slot: 1,
      nonce: 'api-1',
      how: { graceMs: 1_234, tree: false },
    });
  });

  it('fills the lowest free slot', () => {
    const app = makeApp('api', { spec: { instances: 3 } });
    const instances = [makeInstance(app, { slot: 0 }), makeInstance(app, { slot: 2 })];
    expect(short(planOf(app, instances).actions)).toEqual(['start 1 ScaledUp']);
  });

  it('waits for surplus processes to end before it starts others', () => {
    const app = makeApp('api', { spec: { instances: 2 } });
    const instances = [
      makeInstance(app, { slot: 0 }),
      makeInstance(app, { slot: 2, state: 'stopping' }),
      makeInstance(app, { slot: 3, state: 'stopping' }),
    ];
    const { actions, holds } = planOf(app, instances);
    expect(actions).toEqual([]);
    expect(holds).toContainEqual(expect.objectContaining({ slot: 1, reason: 'Stopping' }));
  });

  it('does not start in a slot whose process has not ended yet', () => {
    const app = makeApp();
    const { actions, holds } = planOf(app, [makeInstance(app, { state: 'stopping' })]);
    expect(actions).toEqual([]);
    expect(holds).toMatchObject([{ slot: 0, reason: 'Stopping' }]);
  });

  it('does not start a second process while one is starting', () => {
    const app = makeApp();
    expect(planOf(app, [makeInstance(app, { state: 'starting', upMs: 0 })]).actions).toEqual([]);
  });

  it('follows an override of the number of instances', () => {
    const app = makeApp('api', { spec: { instances: 1 }, override: { instances: 3, by: 'ann', at: NOW } });
    expect(short(planOf(app, [makeInstance(app)]).actions)).toEqual([
      'start 1 ScaledByOperator',
      'start 2 ScaledByOperator',
    ]);
    const down = makeApp('api', { spec: { instances: 2 }, override: { instances: 1, by: 'ann', at: NOW } });
    expect(short(planOf(down, runAll(down)).actions)).toEqual(['stop 1 ScaledByOperator']);
  });
});

describe('a slot with two processes', () => {
  it('keeps the one that is up to date, however old', () => {
    const app = makeApp('api', { generation: 5 });
    const declared = makeInstance(app, { nonce: 'declared', generation: 5, startedAt: NOW - 9_000 });
    const outdated = makeInstance(app, {
      nonce: 'outdated',
      generation: 6,
      templateHash: 'x',
      startedAt: NOW,
    });
    const { actions } = planOf(app, [outdated, declared]);
    expect(actions).toMatchObject([{ kind: 'stop', nonce: 'outdated', reason: 'Replaced' }]);
  });

  it('keeps the newest of two that are both up to date', () => {
    const app = makeApp('api', { generation: 5 });
    const older = makeInstance(app, { nonce: 'b', generation: 4 });
    const newer = makeInstance(app, { nonce: 'a', generation: 5 });
    expect(planOf(app, [older, newer]).actions).toMatchObject([{ kind: 'stop', nonce: 'b' }]);
  });

  it('decides by the nonce when nothing else differs, in any order of the input', () => {
    const app = makeApp();
    const pair = [makeInstance(app, { nonce: 'b' }), makeInstance(app, { nonce: 'a' })];
    expect(planOf(app, pair).actions).toEqual(planOf(app, [...pair].reverse()).actions);
    expect(planOf(app, pair).actions).toMatchObject([{ kind: 'stop', nonce: 'b' }]);
  });
});

describe('a process that cannot be proven to be ours', () => {
  it('keeps its slot: it is neither signalled nor doubled', () => {
    const app = makeApp('api', { spec: { instances: 2 } });
    const { actions, holds } = planOf(app, [
      makeInstance(app, { slot: 0, state: 'unverified', pid: 777 }),
      makeInstance(app, { slot: 1 }),
    ]);
    expect(actions).toEqual([]);
    expect(holds).toMatchObject([
      { slot: 0, reason: 'Unverified', message: 'process 777 cannot be proven to be ours and is left alone' },
    ]);
  });

  it('is left alone when its slot is not wanted, when it is outdated, and when the app is stopped', () => {
    const two = makeApp('api', { spec: { instances: 1 }, override: STOPPED });
    const unverified = [0, 1].map((slot) =>
      makeInstance(two, { slot, state: 'unverified', templateHash: 'x' }),
    );
    expect(planOf(two, unverified).actions).toEqual([]);
  });

  it('keeps the process beside it from being replaced, because nothing could follow', () => {
    const app = makeApp();
    const { actions } = planOf(app, [
      makeInstance(app, { nonce: 'old', templateHash: 'x' }),
      makeInstance(app, { nonce: 'unknown', state: 'unverified' }),
    ]);
    expect(actions).toEqual([]);
  });

  it('does not take a place from the others when its slot is not wanted', () => {
    const app = makeApp('api', { spec: { instances: 1 } });
    const { actions } = planOf(app, [makeInstance(app, { slot: 4, state: 'unverified' })]);
    expect(short(actions)).toEqual(['start 0 NotRunning']);
  });
});

describe('an app that is not to run', () => {
  it('stops every process when an operator has stopped it', () => {
    const app = makeApp('api', { spec: { instances: 2 }, override: STOPPED });
    expect(short(planOf(app, runAll(app)).actions)).toEqual([
      'stop 1 StoppedByOperator',
      'stop 0 StoppedByOperator',
    ]);
  });

  it('is not started when autostart is off', () => {
    expect(planOf(makeApp('api', { spec: { autostart: false } })).actions).toEqual([]);
  });

  it('is started by an operator in spite of autostart', () => {
    const app = makeApp('api', { spec: { autostart: false }, override: STARTED });
    expect(short(planOf(app).actions)).toEqual(['start 0 StartedByOperator']);
  });

  it('keeps running when only its autostart is off', () => {
    const app = makeApp('api', { spec: { autostart: false, instances: 2 } });
    expect(planOf(app, runAll(app)).actions).toEqual([]);
  });

  it('is replaced like any other when it runs with autostart off', () => {
    const before = makeApp('api', { spec: { autostart: false } });
    const app = makeApp('api', { spec: { autostart: false, env: { A: '2' } }, generation: 2 });
    expect(short(planOf(app, [makeInstance(before)]).actions)).toEqual(['stop 0 TemplateChanged']);
    expect(planOf(app, [makeInstance(before, { state: 'stopping' })]).actions).toEqual([]);
    const exit = { code: 0, signal: 'SIGINT', at: NOW, upMs: 60_000, requested: true, error: null };
    const ended = makeInstance(before, { state: 'exited', exit });
    const slots = [makeHistory(before, { lastExit: exit, lastNonce: ended.nonce })];
    const observed = observe({
      instances: [ended],
      history: [{ key: app.key, slots }],
      accepted: [accept(app)],
    });
    // The record of the ended process is what says that it is under way: it goes after the start, not before.
    expect(short(plan([app], observed, NOW).actions)).toEqual(['start 0 TemplateChanged']);
    const started = { ...observed, instances: [ended, makeInstance(app, { nonce: 'new' })] };
    expect(short(plan([app], started, NOW).actions)).toEqual(['forget 0 ExitRecorded']);
  });
});

describe('records of ended processes', () => {
  const app = makeApp();
  const exit = { code: 1, signal: null, at: NOW, upMs: 90_000, requested: false, error: null };
  const ended = makeInstance(app, { nonce: 'ended', state: 'exited', exit });

  it('are forgotten once the exit is in the history', () => {
    const slots = [makeHistory(app, { lastExit: exit, lastNonce: 'ended', attempt: 0 })];
    const { actions } = plan([app], observe({ instances: [ended], history: [{ key: app.key, slots }] }), NOW);
    expect(short(actions)).toEqual(['start 0 Exited', 'forget 0 ExitRecorded']);
  });

  it('are forgotten when the exit is in the history beside a later one', () => {
    const slots = [
      makeHistory(app, { lastNonce: 'later', recentNonces: ['ended'], lastExit: exit, attempt: 0 }),
    ];
    const observed = observe({ instances: [ended], history: [{ key: app.key, slots }] });
    expect(short(plan([app], observed, NOW).actions)).toContain('forget 0 ExitRecorded');
  });

  it('are left while the history does not hold the exit, which counts all the same', () => {
    const crash = { ...exit, upMs: 100 };
    const observed = observe({ instances: [{ ...ended, exit: crash }] });
    const { actions, holds } = plan([app], observed, NOW);
    expect(actions).toEqual([]);
    expect(holds).toMatchObject([{ slot: 0, reason: 'BackOff' }]);
  });
});
