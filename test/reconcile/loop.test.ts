import { describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import { hashOf, makeApp } from '../plan/fixtures.ts';
import { loopRig } from './rig.ts';

/** The app after an edit of its template: as a commit makes it. */
function edited(app: DesiredApp, env: Record<string, string>): DesiredApp {
  const spec = { ...app.spec, env };
  return { ...app, spec, templateHash: hashOf(spec), generation: app.generation + 1 };
}

async function running(...apps: readonly DesiredApp[]) {
  const rig = loopRig();
  rig.loop.start();
  await rig.apply(...apps);
  await rig.pass(1_000);
  rig.driver.orders.length = 0;
  return rig;
}

describe('the loop', () => {
  it('starts what is declared and calls it converged when it is ready', async () => {
    const rig = loopRig();
    const app = makeApp('api', { spec: { instances: 2 } });
    rig.loop.start();
    await rig.apply(app);
    expect(rig.driver.orders).toEqual(['start shop/api:0', 'start shop/api:1']);
    expect(rig.loop.status.health(app.key)).toMatchObject({ health: 'Progressing', converged: false });
    await rig.pass(1_000);
    expect(rig.loop.status.health(app.key)).toMatchObject({
      health: 'Healthy',
      sync: 'Synced',
      converged: true,
    });
    expect(rig.loop.status.get(app.key)?.observedGeneration).toBe(1);
  });

  it('looks at each of many apps a few times until it runs, and no more often where they are many', async () => {
    const cost = async (count: number) => {
      const rig = loopRig();
      let read = 0;
      const instancesOf = rig.driver.instancesOf.bind(rig.driver);
      rig.driver.instancesOf = (key) => {
        const found = instancesOf(key);
        read += found.length;
        return found;
      };
      rig.loop.start();
      await rig.apply(...Array.from({ length: count }, (_, index) => makeApp(`app-${index}`)));
      await rig.pass(1_000);
      const { passes, events } = rig.state;
      return { passes, events: events.length, read };
    };
    const few = await cost(25);
    const many = await cost(100);
    expect(few.passes).toBeLessThanOrEqual(4 * 25);
    expect(few.events).toBe(2 * 25);
    expect(few.read).toBeLessThanOrEqual(12 * 25);
    const { passes, events, read } = few;
    expect(many).toEqual({ passes: 4 * passes, events: 4 * events, read: 4 * read });
  });

  it('does and records nothing when it looks again at what has converged', async () => {
    const rig = await running(makeApp('api', { spec: { instances: 3 } }), makeApp('worker'));
    await rig.pass(60_000);
    const events = rig.state.events.length;
    const rounds = rig.loop.rounds.all().length;
    for (let round = 0; round < 5; round++) {
      const { passes } = rig.state;
      rig.loop.submitAll('resync');
      await rig.pass(60_000);
      // Nothing waits for a time either: it is a look at each app, and no more.
      expect(rig.state.passes - passes).toBe(2);
    }
    expect(rig.driver.orders).toEqual([]);
    expect(rig.state.events).toHaveLength(events);
    expect(rig.loop.rounds.all()).toHaveLength(rounds);
  });

  it('knows why it looked, and what it did then', async () => {
    const api = makeApp('api');
    const rig = await running(api);
    expect(rig.loop.rounds.of(api.key)).toMatchObject([
      { causes: ['desired'], generation: 1, actions: [{ kind: 'start', slot: 0, error: null }], error: null },
    ]);
    await rig.pass(20_000);
    rig.driver.end(rig.driver.live(api.key)[0]?.nonce ?? '', { code: 1 });
    await rig.settle();
    // The record of the ended process is dropped in the same round, which nobody needs to read.
    expect(rig.loop.rounds.of(api.key).at(-1)).toMatchObject({
      causes: ['process'],
      actions: [{ kind: 'start', slot: 0, reason: 'Exited', error: null }],
    });
  });

  it('replaces the processes of the app that was edited, one at a time, and no others', async () => {
    const api = makeApp('api', { spec: { instances: 2 } });
    const rig = await running(api, makeApp('worker'));
    await rig.apply(edited(api, { LOG_LEVEL: 'debug' }));
    expect(rig.driver.orders).toEqual(['stop shop/api:0', 'start shop/api:0']);
    await rig.pass(2_000);
    expect(rig.driver.orders).toEqual([
      'stop shop/api:0',
      'start shop/api:0',
      'stop shop/api:1',
      'start shop/api:1',
    ]);
    expect(rig.loop.status.health(api.key)?.converged).toBe(true);
  });

  it('gives a new process to the one slot that a restart was asked for', async () => {
    const api = makeApp('api', { spec: { instances: 3 } });
    const rig = await running(api);
    const lastRestart = { reason: 'LivenessFailed', detail: 'no answer', at: 1 } as const;
    await rig.apply({ ...api, slotRestarts: { 1: 1 }, lastRestart, generation: 2 });
    await rig.pass(1_100);
    expect(rig.driver.orders.filter((order) => !order.startsWith('adopt'))).toEqual([
      'stop shop/api:1',
      'start shop/api:1',
    ]);
    expect(rig.state.events.filter(({ reason }) => reason === 'Adopted')).toEqual([]);
  });

  it('takes live edits over without touching a process, and says so', async () => {
    const api = makeApp('api');
    const rig = await running(api);
    const pid = rig.driver.live(api.key)[0]?.pid;
    await rig.apply({ ...api, spec: { ...api.spec, kill_timeout: 9_000 }, generation: 2, revision: 2 });
    expect(rig.state.events.map(({ reason }) => reason)).toContain('Adopted');
    expect(rig.driver.orders).toEqual(['adopt shop/api:0']);
    expect(rig.driver.live(api.key)).toMatchObject([{ pid, generation: 2 }]);
    expect(rig.loop.status.get(api.key)?.observedGeneration).toBe(2);
  });

  it('stops an app that left the desired state, and forgets it', async () => {
    const api = makeApp('api', { spec: { instances: 2 } });
    const rig = await running(api);
    rig.state.remove(api.key);
    rig.loop.submit(api.key, 'condition');
    await rig.settle();
    expect(rig.driver.orders).toEqual(['stop shop/api:1', 'stop shop/api:0']);
    expect(rig.driver.instancesOf(api.key)).toEqual([]);
    expect(rig.loop.status.get(api.key)).toBeUndefined();
    expect(rig.state.departed.size).toBe(0);
  });

  it('leaves processes alone that a newer revision started than the one it knows', async () => {
    const api = makeApp('api', { revision: 7 });
    const rig = await running(api);
    rig.state.apps.delete(api.key);
    rig.state.projects.set('shop', 6);
    rig.loop.submitAll('resync');
    await rig.settle();
    expect(rig.driver.live(api.key)).toHaveLength(1);
    rig.state.projects.set('shop', 7);
    rig.loop.submitAll('resync');
    await rig.settle();
    expect(rig.driver.live(api.key)).toEqual([]);
  });

  it('leaves the processes of projects alone that this home does not know', async () => {
    const stranger = makeApp('api', { project: 'elsewhere' });
    const rig = await running(stranger);
    rig.state.apps.delete(stranger.key);
    rig.state.projects.clear();
    rig.loop.submitAll('resync');
    await rig.settle();
    expect(rig.driver.orders).toEqual([]);
    expect(rig.driver.live(stranger.key)).toHaveLength(1);
  });

  it('starts a process again that exited by itself, and counts it once', async () => {
    const api = makeApp('api');
    const rig = await running(api);
    await rig.pass(20_000);
    const [instance] = rig.driver.live(api.key);
    rig.driver.end(instance?.nonce ?? '', { code: 1 });
    await rig.settle();
    rig.loop.submitAll('resync');
    await rig.settle();
    expect(rig.driver.orders).toEqual(['start shop/api:0']);
    expect(rig.state.history(api.key)).toMatchObject([{ slot: 0, restarts: 1, lastExit: { code: 1 } }]);
    expect(rig.state.events.filter(({ message }) => message.includes('ended by itself'))).toHaveLength(1);
  });

  it('waits the back-off of an app that keeps crashing, and calls it CrashLoop', async () => {
    const api = makeApp('api');
    const rig = loopRig({ jitter: 0.5 });
    rig.loop.start();
    await rig.apply(api);
    for (let crash = 1; crash <= 3; crash++) {
      const [instance] = rig.driver.live(api.key);
      rig.driver.end(instance?.nonce ?? '', { code: 1 });
      await rig.settle();
      if (crash < 3) await rig.pass(500);
    }
    expect(rig.loop.status.health(api.key)?.health).toBe('CrashLoop');
    expect(rig.loop.status.get(api.key)?.holds).toMatchObject([{ reason: 'BackOff', slot: 0 }]);
    expect(rig.driver.live(api.key)).toEqual([]);
    await rig.pass(250);
    expect(rig.driver.live(api.key)).toHaveLength(1);
  });

  it('starts an app when the one that it depends on is ready, and not before', async () => {
    const db = makeApp('db');
    const api = makeApp('api', { spec: { depends_on: { db: 'ready' } } });
    const rig = loopRig();
    rig.loop.start();
    await rig.apply(api, db);
    expect(rig.driver.orders).toEqual(['start shop/db:0']);
    expect(rig.loop.status.get(api.key)?.holds).toMatchObject([{ reason: 'DependencyNotReady' }]);
    await rig.pass(1_100);
    expect(rig.driver.orders).toEqual(['start shop/db:0', 'start shop/api:0']);
  });

  it('touches nothing while the runner does not answer, and goes on when it does', async () => {
    const api = makeApp('api');
    const rig = await running(api);
    rig.driver.setReachable(false);
    await rig.apply({ ...edited(api, { A: '1' }) });
    expect(rig.driver.orders).toEqual([]);
    expect(rig.loop.status.health(api.key)?.sync).toBe('Unknown');
    rig.driver.setReachable(true);
    await rig.settle();
    expect(rig.driver.orders).toEqual(['stop shop/api:0', 'start shop/api:0']);
  });

  it('never starts a second process in a slot whose old one takes its time to end', async () => {
    const api = makeApp('api');
    const rig = await running(api);
    rig.driver.stubborn.add(api.key);
    await rig.apply(edited(api, { A: '1' }));
    await rig.pass(10_000);
    expect(rig.driver.orders).toEqual(['stop shop/api:0']);
    const [old] = rig.driver.live(api.key);
    rig.driver.end(old?.nonce ?? '', { code: null, signal: 'SIGKILL', requested: true });
    await rig.settle();
    expect(rig.driver.orders).toEqual(['stop shop/api:0', 'start shop/api:0']);
  });

  it('reports a process that cannot be started, and does not lose the others for it', async () => {
    const broken = makeApp('broken');
    const fine = makeApp('fine');
    const rig = loopRig();
    rig.driver.spawnErrors.set(broken.key, 'spawn: ENOENT');
    rig.loop.start();
    await rig.apply(broken, fine);
    await rig.pass(1_000);
    expect(rig.loop.status.health(broken.key)?.health).toBe('Failed');
    expect(rig.loop.status.health(fine.key)?.health).toBe('Healthy');
    expect(rig.state.events.find(({ reason }) => reason === 'StartFailed')?.message).toContain(
      'spawn: ENOENT',
    );
  });

  it('has an exit on disk before the runner may forget it', async () => {
    const api = makeApp('api');
    const rig = await running(api);
    const before = rig.state.flushes;
    rig.driver.end(rig.driver.live(api.key)[0]?.nonce ?? '', { code: 0 });
    await rig.settle();
    expect(rig.state.flushes).toBe(before + 1);
  });
});
