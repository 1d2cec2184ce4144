import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/plan/plan.ts';
import type { AcceptedApp, DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance, Observed } from '../../../src/plan/model/observed.ts';
import type { Change } from '../../../src/plan/model/plan.ts';
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

interface Before {
  readonly accepted?: AcceptedApp;
  readonly instances?: readonly ObservedInstance[];
  readonly observed?: Partial<Observed>;
}

function changeOf(app: DesiredApp | null, { accepted, instances = [], observed = {} }: Before): Change {
  const host = observe({ instances, accepted: accepted === undefined ? [] : [accepted], ...observed });
  const [change, ...others] = plan(app === null ? [] : [app], host, NOW).changes;
  if (change === undefined || others.length > 0) throw new Error('not one change');
  return change;
}

const before = makeApp('api', { spec: { instances: 2 } });
const running = { accepted: accept(before), instances: runAll(before) };

describe('the change of an app', () => {
  it('is create when it is new', () => {
    expect(changeOf(before, {})).toEqual({
      app: 'shop/api',
      kind: 'create',
      reason: 'Created',
      fields: [],
      instancesBefore: 0,
      instancesAfter: 2,
      touches: 2,
    });
  });

  it('counts no start for a new app that is not started by itself', () => {
    expect(changeOf(makeApp('api', { spec: { autostart: false } }), {})).toMatchObject({
      kind: 'create',
      touches: 0,
    });
  });

  it('is unchanged when nothing is to be done', () => {
    expect(changeOf(before, running)).toMatchObject({
      kind: 'unchanged',
      reason: 'Converged',
      touches: 0,
      fields: [],
    });
  });

  it('is roll when a field needs new processes, and names the field', () => {
    const app = makeApp('api', { spec: { instances: 2, env: { LOG_LEVEL: 'debug' } }, generation: 2 });
    expect(changeOf(app, running)).toMatchObject({
      kind: 'roll',
      reason: 'TemplateChanged',
      touches: 2,
      fields: [{ path: 'env.LOG_LEVEL', before: undefined, after: 'debug', class: 'template' }],
    });
  });

  it('counts both in a roll that scales as well', () => {
    const app = makeApp('api', { spec: { instances: 3, env: { A: '1' } }, generation: 2 });
    expect(changeOf(app, running)).toMatchObject({
      kind: 'roll',
      touches: 3,
      instancesBefore: 2,
      instancesAfter: 3,
    });
    const down = makeApp('api', { spec: { instances: 1, env: { A: '1' } }, generation: 2 });
    expect(changeOf(down, running)).toMatchObject({ kind: 'roll', touches: 2 });
  });

  it.each([
    [5, 'ScaledUp', 3],
    [1, 'ScaledDown', 1],
  ])('is scale when the number of instances becomes %i', (instances, reason, touches) => {
    const app = makeApp('api', { spec: { instances }, generation: 2 });
    expect(changeOf(app, running)).toMatchObject({
      kind: 'scale',
      reason,
      touches,
      fields: [{ path: 'instances', before: 2, after: instances, class: 'scale' }],
    });
  });

  it('is live when no process needs to be touched', () => {
    const app = makeApp('api', { spec: { instances: 2, max_memory_restart: 1_000 }, generation: 2 });
    expect(changeOf(app, running)).toMatchObject({
      kind: 'live',
      reason: 'LiveFieldsChanged',
      touches: 0,
      fields: [{ path: 'max_memory_restart', class: 'live' }],
    });
  });

  it('is live as long as processes are to be taken over', () => {
    const app = makeApp('api', { spec: { instances: 2 }, generation: 2 });
    expect(changeOf(app, { accepted: accept(app), instances: runAll(before) })).toMatchObject({
      kind: 'live',
      touches: 0,
    });
  });

  it('counts what a live change starts again', () => {
    const app = makeApp('api', { spec: { max_restarts: 5 }, generation: 2 });
    const failed = makeApp('api', { spec: { max_restarts: 0 } });
    const history = [{ key: app.key, slots: [makeHistory(failed)] }];
    expect(changeOf(failed, { accepted: accept(failed), observed: { history } }).kind).toBe('unchanged');
    expect(changeOf(app, { accepted: accept(failed), observed: { history } })).toMatchObject({
      kind: 'live',
      touches: 1,
    });
  });

  it('is stop when an operator stops it', () => {
    const app = makeApp('api', { spec: { instances: 2 }, override: STOPPED, generation: 2 });
    expect(changeOf(app, running)).toMatchObject({ kind: 'stop', reason: 'StoppedByOperator', touches: 2 });
  });

  it('is unchanged while it stays stopped', () => {
    const app = makeApp('api', { override: STOPPED });
    expect(changeOf(app, { accepted: accept(app) })).toMatchObject({ kind: 'unchanged', touches: 0 });
  });

  it('is start when apply takes back a stop', () => {
    const app = makeApp('api', { spec: { instances: 2 }, generation: 2 });
    expect(changeOf(app, { accepted: accept(before, { override: STOPPED }) })).toMatchObject({
      kind: 'start',
      reason: 'OverrideReset',
      touches: 2,
      instancesBefore: 2,
      instancesAfter: 2,
    });
  });

  it('is start when an operator starts what is not started by itself', () => {
    const app = makeApp('api', { spec: { autostart: false }, override: STARTED, generation: 2 });
    const accepted = accept(app, { override: null, generation: 1 });
    expect(changeOf(app, { accepted })).toMatchObject({
      kind: 'start',
      reason: 'StartedByOperator',
      touches: 1,
    });
  });

  it('touches nothing when apply forgets that an operator started it', () => {
    const app = makeApp('api', { spec: { autostart: false }, generation: 2 });
    const accepted = accept(app, { override: STARTED, generation: 1 });
    const instances = [makeInstance(app, { generation: 1 })];
    expect(changeOf(app, { accepted, instances })).toMatchObject({
      ...{ kind: 'live', touches: 0, reason: 'OverrideReset' },
    });
  });

  it('shows what apply puts back after an operator has scaled', () => {
    const four = makeApp('api', { spec: { instances: 4 } });
    const accepted = accept(before, { override: { instances: 4, by: 'ann', at: NOW } });
    expect(changeOf({ ...before, generation: 2 }, { accepted, instances: runAll(four) })).toMatchObject({
      kind: 'scale',
      reason: 'OverrideReset',
      instancesBefore: 4,
      instancesAfter: 2,
      touches: 2,
      fields: [{ path: 'instances', before: 4, after: 2 }],
    });
  });

  it('is remove when it is not desired any more', () => {
    expect(changeOf(null, running)).toEqual({
      app: 'shop/api',
      kind: 'remove',
      reason: 'RemovedFromFile',
      fields: [],
      instancesBefore: 2,
      instancesAfter: 0,
      touches: 2,
    });
  });

  it('is remove without cost when nothing of it runs', () => {
    expect(changeOf(null, { accepted: accept(before) })).toMatchObject({
      kind: 'remove',
      touches: 0,
      instancesBefore: 2,
    });
  });
});

describe('an app whose processes are not what is declared, though nothing was edited', () => {
  it('is start when a process is missing', () => {
    const [first] = runAll(before);
    expect(changeOf(before, { ...running, instances: first === undefined ? [] : [first] })).toMatchObject({
      kind: 'start',
      reason: 'ScaledUp',
      touches: 1,
    });
  });

  it('is start while a crash waits for its back-off', () => {
    const app = makeApp();
    const history = [{ key: app.key, slots: [makeHistory(app)] }];
    expect(changeOf(app, { accepted: accept(app), observed: { history } })).toMatchObject({
      kind: 'start',
      reason: 'BackOff',
      touches: 1,
    });
  });

  it('is restart when processes are outdated', () => {
    const app = makeApp('api', { spec: { instances: 2 }, restartGeneration: 1 });
    expect(changeOf(app, { accepted: accept(app), instances: runAll(before) })).toMatchObject({
      kind: 'restart',
      reason: 'RestartRequested',
      touches: 2,
    });
    const half = makeInstance(before, { templateHash: 'older' });
    expect(
      changeOf(before, { ...running, instances: [half, makeInstance(before, { slot: 1 })] }),
    ).toMatchObject({
      kind: 'restart',
      reason: 'TemplateChanged',
      touches: 1,
    });
  });

  it.each<[string, Partial<ObservedInstance>, string]>([
    ['one too many runs', { slot: 2 }, 'ScaledDown'],
    ['two run in one slot', { slot: 0, nonce: 'double' }, 'DuplicateSlot'],
  ])('is stop when %s', (_what, fields, reason) => {
    const instances = [...running.instances, makeInstance(before, fields)];
    expect(changeOf(before, { ...running, instances })).toMatchObject({ kind: 'stop', reason, touches: 1 });
  });

  it.each<[string, Partial<ObservedInstance>]>([
    ['cannot be proven to be ours', { state: 'unverified' }],
    ['is not ready', { probedReady: false }],
  ])('is unchanged when a process %s', (_what, fields) => {
    const app = makeApp();
    const instances = [makeInstance(app, fields)];
    expect(changeOf(app, { accepted: accept(app), instances })).toMatchObject({
      kind: 'unchanged',
      touches: 0,
    });
  });

  it('is unchanged when it has completed, however often it is applied', () => {
    const job = makeApp('api', { spec: { autorestart: false } });
    const history = [{ key: job.key, slots: [makeHistory(job, { lastExit: makeExit({ code: 0 }) })] }];
    expect(changeOf(job, { accepted: accept(job), observed: { history } })).toMatchObject({
      kind: 'unchanged',
      touches: 0,
    });
  });
});

describe('a plan without a runner', () => {
  const blind = { reachable: false, accepted: [accept(before)] };

  it.each<[string, DesiredApp | null, Partial<Change>, number]>([
    ['nothing', before, { kind: 'unchanged', touches: 0 }, 2],
    ['a roll', makeApp('api', { spec: { instances: 2, args: ['x'] } }), { kind: 'roll', touches: 2 }, 0],
    ['a scale', makeApp('api', { spec: { instances: 5 } }), { kind: 'scale', touches: 3 }, 2],
    [
      'a stop',
      makeApp('api', { spec: { instances: 2 }, override: STOPPED }),
      { kind: 'stop', touches: 2 },
      0,
    ],
    ['a removal', null, { kind: 'remove', touches: 2 }, 0],
  ])('counts as if what was accepted ran: %s', (_what, app, expected, untouched) => {
    const { changes, summary, holds } = plan(app === null ? [] : [app], observe(blind), NOW);
    expect(changes).toMatchObject([expected]);
    expect(summary.processesUntouched).toBe(untouched);
    expect(holds).toMatchObject([{ slot: null, reason: 'RunnerUnreachable' }]);
  });
});

describe('the summary', () => {
  it('counts the changes by kind, and what they touch and leave', () => {
    const kept = makeApp('kept', { spec: { instances: 3 } });
    const gone = makeApp('gone');
    const scaled = makeApp('api', { spec: { instances: 4 }, generation: 2 });
    const host = observe({
      accepted: [before, kept, gone].map((app) => accept(app)),
      instances: [before, kept, gone].flatMap((app) => runAll(app)),
    });
    expect(plan([scaled, kept, makeApp('new')], host, NOW).summary).toEqual({
      create: 1,
      scale: 1,
      live: 0,
      roll: 0,
      start: 0,
      stop: 0,
      restart: 0,
      remove: 1,
      unchanged: 1,
      processesTouched: 4,
      processesUntouched: 5,
    });
  });

  it('lists the changes by key', () => {
    const apps = ['b', 'a', 'c'].map((name) => makeApp(name));
    expect(plan(apps, observe(), NOW).changes.map(({ app }) => app)).toEqual(['shop/a', 'shop/b', 'shop/c']);
  });
});

describe('the hooks that a change leads to', () => {
  const hook = (...command: readonly string[]) => ({ command, timeout: 1_000 });
  const hooks = {
    pre_start: hook('migrate', '--password', 'hunter2-hunter2'),
    post_start: hook('a'),
    pre_stop: hook('b'),
    post_stop: hook('c'),
    on_failure: hook('d'),
  };
  const due = { release: 1, state: 'due', at: NOW } as const;

  it('are those that run when all goes well, with the command that comes before the first process and no secret', () => {
    const app = { ...makeApp('api', { spec: { hooks } }), preStart: due };
    const { hooks: named, preStart } = changeOf(app, {});
    expect(named).toEqual(['pre_start', 'post_start']);
    expect(preStart?.slice(0, 2)).toEqual(['migrate', '--password']);
    expect(JSON.stringify(preStart)).not.toContain('hunter2');
    expect(changeOf({ ...app, preStart: { ...due, state: 'passed' } }, {})).not.toHaveProperty('preStart');
  });

  it('are those of its processes when it goes, and none when nothing runs', () => {
    const app = makeApp('api', { spec: { hooks } });
    const gone = { accepted: accept(app), instances: runAll(app) };
    expect(changeOf(null, gone).hooks).toEqual(['pre_stop', 'post_stop']);
    expect(changeOf(null, { accepted: accept(app) })).not.toHaveProperty('hooks');
  });
});
