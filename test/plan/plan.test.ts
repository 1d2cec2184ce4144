import { describe, expect, it } from 'vitest';
import { viewHost } from '../../src/plan/model/host-view.ts';
import { mergeAppPlans, plan, planApp } from '../../src/plan/plan.ts';
import { rememberSlots } from '../../src/plan/plan-app.ts';
import type { HostView } from '../../src/plan/model/host-view.ts';
import { accept, makeApp, makeExit, makeHistory, makeInstance, NOW, observe, runAll } from './fixtures.ts';

describe('a plan', () => {
  const old = makeApp('api');
  const api = makeApp('api', { spec: { depends_on: { db: 'ready' }, args: ['2'] }, generation: 2 });
  const db = makeApp('db');
  const gone = makeApp('gone');
  const observed = observe({
    accepted: [old, db, gone].map((app) => accept(app)),
    instances: [old, gone].flatMap((app) => runAll(app)),
    history: [{ key: db.key, slots: [makeHistory(db)] }],
  });

  it('is what planning each app alone gives', () => {
    const { host, keys } = viewHost([api, db], observed);
    const alone = keys.map((key) => planApp(key, host, { now: NOW }));
    expect(mergeAppPlans(alone)).toEqual(plan([api, db], observed, NOW));
    expect(keys).toEqual(['shop/api', 'shop/db', 'shop/gone']);
  });

  it('takes the newer of two declarations of one app, in any order', () => {
    const made = plan([old, api], observe(), NOW);
    expect(made.actions).toEqual(plan([api, old], observe(), NOW).actions);
    expect(made.health).toHaveLength(1);
  });

  it('looks at the processes of each app a fixed number of times, so that it grows with the host and no faster', () => {
    const { host } = viewHost([api, db], observed);
    const asked = new Map<string, number>();
    const counting: HostView = {
      ...host,
      instancesOf: (key) => {
        asked.set(key, (asked.get(key) ?? 0) + 1);
        return host.instancesOf(key);
      },
    };
    const slotsOf = rememberSlots(counting, NOW);
    for (let dependents = 0; dependents < 1_000; dependents += 1) slotsOf(db.key);
    expect(asked.get(db.key)).toBe(1);
  });
});

describe('an app that is not desired any more', () => {
  const app = makeApp('old', { spec: { instances: 2, kill_timeout: 900, treekill: false } });

  it('is stopped, highest slot first, as its spec says', () => {
    const { actions } = plan([], observe({ instances: runAll(app), accepted: [accept(app)] }), NOW);
    expect(actions).toMatchObject([
      { kind: 'stop', slot: 1, reason: 'RemovedFromFile', how: { graceMs: 900, tree: false } },
      { kind: 'stop', slot: 0 },
    ]);
  });

  it('is stopped with the defaults when nothing is known of it', () => {
    const { actions } = plan([], observe({ instances: [makeInstance(app)] }), NOW);
    expect(actions).toMatchObject([{ kind: 'stop', how: { graceMs: 5_000, tree: true } }]);
  });

  it('is stopped for the reason that the caller knows', () => {
    const observed = observe({ instances: [makeInstance(app)] });
    const made = plan([], observed, NOW, { removalReason: () => 'Deleted' });
    expect(made.actions).toMatchObject([{ reason: 'Deleted' }]);
    expect(made.changes).toMatchObject([{ kind: 'remove', reason: 'Deleted', instancesBefore: 1 }]);
  });

  it('is waited for, then forgotten, though no history of it is kept', () => {
    const stopping = observe({ instances: [makeInstance(app, { state: 'stopping' })] });
    expect(plan([], stopping, NOW)).toMatchObject({ actions: [], holds: [{ slot: 0, reason: 'Stopping' }] });
    const ended = observe({ instances: [makeInstance(app, { state: 'exited', exit: makeExit() })] });
    expect(plan([], ended, NOW).actions).toMatchObject([{ kind: 'forget', nonce: 'old-0' }]);
  });

  it('keeps a process that cannot be proven to be ours', () => {
    const observed = observe({ instances: [makeInstance(app, { state: 'unverified' })] });
    const made = plan([], observed, NOW);
    expect(made).toMatchObject({ actions: [], holds: [{ reason: 'Unverified' }] });
    expect(made.health).toMatchObject([{ converged: false }]);
    expect(made.summary.processesUntouched).toBe(1);
  });

  it('is not missed when only its history is left', () => {
    const made = plan([], observe({ history: [{ key: app.key, slots: [makeHistory(app)] }] }), NOW);
    expect(made).toMatchObject({ changes: [], actions: [], health: [], requeueAfterMs: null });
  });
});
