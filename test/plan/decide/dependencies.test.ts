import { describe, expect, it } from 'vitest';
import { viewHost } from '../../../src/plan/model/host-view.ts';
import { plan, planApp } from '../../../src/plan/plan.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../../src/plan/model/observed.ts';
import type { Plan } from '../../../src/plan/model/plan.ts';
import type { DependencyCondition } from '../../../src/spec/types.ts';
import { accept, makeApp, makeExit, makeHistory, makeInstance, NOW, observe, STOPPED } from '../fixtures.ts';

const db = makeApp('db');

function dependent(condition: DependencyCondition, fields: Parameters<typeof makeApp>[1] = {}): DesiredApp {
  return makeApp('api', { ...fields, spec: { depends_on: { db: condition }, ...fields.spec } });
}

interface Scene {
  readonly desired: readonly DesiredApp[];
  readonly instances?: readonly ObservedInstance[];
  readonly dbHistory?: readonly SlotHistory[];
}

function planOf({ desired, instances = [], dbHistory = [] }: Scene): Plan {
  const accepted = desired.map((app) => accept(app));
  return plan(desired, observe({ instances, accepted, history: [{ key: db.key, slots: dbHistory }] }), NOW);
}

function apiActions({ actions }: Plan): readonly string[] {
  return actions.filter(({ key }) => key === 'shop/api').map(({ kind, slot }) => `${kind} ${slot}`);
}

const READY = makeInstance(db);
const RUNNING = makeInstance(db, { upMs: 200 });
const STARTING = makeInstance(db, { state: 'starting', upMs: 0 });
const COMPLETED = [makeHistory(makeApp('db'), { lastExit: makeExit({ code: 0 }) })];

describe('an app that depends on another', () => {
  it.each<[DependencyCondition, string, readonly ObservedInstance[], boolean]>([
    ['started', 'nothing', [], false],
    ['started', 'a process that starts', [STARTING], false],
    ['started', 'a process that runs', [RUNNING], true],
    ['ready', 'a process that runs and is not ready', [RUNNING], false],
    ['ready', 'a process that fails its probes', [makeInstance(db, { probedReady: false })], false],
    ['ready', 'a ready process', [READY], true],
    ['ready', 'a ready process of an older version', [makeInstance(db, { templateHash: 'older' })], true],
    ['ready', 'a process that is being stopped', [makeInstance(db, { state: 'stopping' })], false],
    ['completed', 'a ready process', [READY], false],
  ])('with condition %s and %s there', (condition, _what, instances, starts) => {
    const made = planOf({ desired: [db, dependent(condition)], instances });
    expect(apiActions(made)).toEqual(starts ? ['start 0'] : []);
    expect(made.holds.some(({ key, reason }) => key === 'shop/api' && reason === 'DependencyNotReady')).toBe(
      !starts,
    );
  });

  it.each<DependencyCondition>(['started', 'ready', 'completed'])(
    'starts when the other completed (%s)',
    (condition) => {
      const job = makeApp('db', { spec: { autorestart: false } });
      const made = planOf({ desired: [job, dependent(condition)], dbHistory: COMPLETED });
      expect(apiActions(made)).toEqual(['start 0']);
    },
  );

  it('that ended before it was ready is not ready, and will not be', () => {
    const readiness = { log: 'listening', period: 1, timeout: 1, initial_delay: 0 } as const;
    const probed = { ...readiness, success_threshold: 1, failure_threshold: 3 };
    const job = makeApp('db', { spec: { autorestart: false, readiness: probed } });
    const made = planOf({ desired: [job, dependent('ready')], dbHistory: COMPLETED });
    expect(apiActions(made)).toEqual([]);
    expect(made.holds).toMatchObject([{ isFinal: true }]);
    expect(made.holds[0]?.message).toContain('`completed` is what waits for the end of a job');
    const wasReady = COMPLETED.map((history) => ({ ...history, lastReady: true as const }));
    expect(apiActions(planOf({ desired: [job, dependent('ready')], dbHistory: wasReady }))).toEqual([
      'start 0',
    ]);
    expect(apiActions(planOf({ desired: [job, dependent('completed')], dbHistory: COMPLETED }))).toEqual([
      'start 0',
    ]);
  });

  it('is not completed by a code that only keeps it down', () => {
    const job = makeApp('db', { spec: { stop_exit_codes: [78] } });
    const dbHistory = [makeHistory(job, { lastExit: makeExit({ code: 78 }) })];
    expect(apiActions(planOf({ desired: [job, dependent('completed')], dbHistory }))).toEqual([]);
    const good = makeApp('db', { spec: { stop_exit_codes: [78], success_exit_codes: [0, 78] } });
    expect(apiActions(planOf({ desired: [good, dependent('completed')], dbHistory }))).toEqual(['start 0']);
  });

  it('does not take a failed run for a completed one', () => {
    const job = makeApp('db', { spec: { autorestart: false } });
    const failed = [makeHistory(job, { lastExit: makeExit({ code: 1 }) })];
    expect(apiActions(planOf({ desired: [job, dependent('completed')], dbHistory: failed }))).toEqual([]);
  });

  it('waits for every instance of the other', () => {
    const two = makeApp('db', { spec: { instances: 2 } });
    expect(apiActions(planOf({ desired: [two, dependent('ready')], instances: [READY] }))).toEqual([]);
    const both = [READY, makeInstance(two, { slot: 1 })];
    expect(apiActions(planOf({ desired: [two, dependent('ready')], instances: both }))).toEqual(['start 0']);
  });

  it.each<[string, readonly DesiredApp[], string]>([
    ['not ready', [db], 'dependency db not ready'],
    ['stopped', [makeApp('db', { override: STOPPED })], 'dependency db is stopped'],
    ['not started', [makeApp('db', { spec: { autostart: false } })], 'dependency db is not started'],
    ['not declared', [], 'dependency db is not declared'],
    ['in another project', [makeApp('db', { project: 'blog' })], 'dependency db is not declared'],
  ])('says when the other is %s', (_what, others, message) => {
    const { holds } = planOf({ desired: [...others, dependent('ready')] });
    expect(holds.filter(({ key }) => key === 'shop/api')).toMatchObject([
      { slot: null, reason: 'DependencyNotReady', message, until: null },
    ]);
  });

  it('names each dependency that is missing', () => {
    const app = makeApp('api', { spec: { depends_on: { db: 'ready', cache: 'started' } } });
    expect(planOf({ desired: [app] }).holds.map(({ message }) => message)).toEqual([
      'dependency cache is not declared',
      'dependency db is not declared',
    ]);
  });

  it('is planned again when the other gets ready by time alone', () => {
    const api = dependent('ready');
    const made = planOf({ desired: [db, api], instances: [RUNNING] });
    expect(made.requeueAfterMs).toBe(800);
    expect(made.holds.find(({ key }) => key === api.key)?.until).toBe(NOW + 800);
    const { host } = viewHost([db, api], observe({ instances: [RUNNING] }));
    expect(planApp(api.key, host, { now: NOW }).requeueAfterMs).toBe(800);
  });

  it('keeps running when the other goes away', () => {
    const api = dependent('ready');
    const made = planOf({ desired: [db, api], instances: [makeInstance(api)] });
    expect(apiActions(made)).toEqual([]);
    expect(made.health.find(({ key }) => key === api.key)).toMatchObject({
      converged: true,
      health: 'Healthy',
    });
  });

  it('is stopped without regard to the other', () => {
    const api = dependent('ready', { override: STOPPED });
    expect(apiActions(planOf({ desired: [db, api], instances: [makeInstance(api)] }))).toEqual(['stop 0']);
  });

  it('is not replaced before the other runs what is declared', () => {
    const newDb = makeApp('db', { spec: { args: ['v2'] }, generation: 2 });
    const api = dependent('ready', { generation: 2 });
    const oldApi = makeInstance(api, { templateHash: 'older', generation: 1 });
    const rolling = planOf({ desired: [newDb, api], instances: [READY, oldApi] });
    expect(apiActions(rolling)).toEqual([]);
    const rolled = planOf({ desired: [newDb, api], instances: [makeInstance(newDb), oldApi] });
    expect(apiActions(rolled)).toEqual(['stop 0']);
  });

  it('is progressing while it waits', () => {
    const { health } = planOf({ desired: [db, dependent('ready')] });
    expect(health.find(({ key }) => key === 'shop/api')).toMatchObject({
      health: 'Progressing',
      converged: false,
    });
  });
});
