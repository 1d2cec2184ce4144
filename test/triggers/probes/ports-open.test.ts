import { afterEach, describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import type { PortOwner } from '../../../src/triggers/probes/port-owner.ts';
import { portsOpenTrigger } from '../../../src/triggers/probes/ports-open.ts';
import type { Trigger } from '../../../src/triggers/trigger.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const port = { name: 'main', port: 3000, host: null, env: null, shared: null };
const app = makeApp('api', { spec: { ports: [port], wait_ready: true } });

let trigger: Trigger | undefined;
afterEach(() => trigger?.close());

function rig(instance: Partial<ObservedInstance> = {}, declared: DesiredApp = app) {
  const clock = new FakeClock();
  const owner: { now: PortOwner } = { now: { kind: 'nobody' } };
  const asked: string[] = [];
  const shown: unknown[] = [];
  const live = [makeInstance(declared, { upMs: 60_000, ...instance })];
  const status = new StatusTable((error) => {
    throw error;
  });
  trigger = portsOpenTrigger({
    clock,
    outlet: { submit: () => undefined },
    status: {
      report: (key, type, condition) => {
        const isNews = status.report(key, type, condition);
        if (isNews) shown.push(condition?.message ?? null);
        return isNews;
      },
      health: (key) => status.health(key),
      subscribe: (listener) => status.subscribe(listener),
    },
    store: { appendEvent: (event) => ({ ...event, seq: 1 }) },
    driver: {
      instance: (nonce) => live.find((one) => one.nonce === nonce),
      instancesOf: () => live,
    },
    owners: {
      find: ({ host, port: number }) => {
        asked.push(`${host}:${number}`);
        return Promise.resolve(owner.now);
      },
    },
    listening: () => Promise.resolve(new Map([[4_000, [8080]]])),
  });
  trigger.sync({ apps: [declared], instances: live });
  const become = async (health: 'Healthy' | 'Progressing'): Promise<void> => {
    const counts = { desiredInstances: 1, readyInstances: 1, converged: true, conditions: [] };
    const { key } = declared;
    status.publish(key, {
      health: { key, sync: 'Synced', health, ...counts },
      holds: [],
      generation: 1,
      now: 0,
    });
    await settled();
  };
  const later = async (): Promise<void> => {
    clock.advance(2_000);
    await settled();
  };
  return { clock, owner, asked, shown, live, become, later };
}

describe('a ready app that does not listen as it declares', () => {
  it('is shown with what it listens on instead, until it does', async () => {
    const { owner, shown, become, later } = rig();
    await become('Healthy');
    expect(shown).toEqual([
      'slot 0 listens on 8080, and declares port 3000 (main): have it listen where its variables say, or declare the port that it takes',
    ]);
    owner.now = { kind: 'own' };
    await later();
    expect(shown).toEqual([expect.any(String), null]);
  });

  it('is looked at later each time, but for a process that follows', async () => {
    const { clock, asked, live, become } = rig();
    await become('Healthy');
    for (let second = 0; second < 300; second += 1) {
      clock.advance(1_000);
      await settled();
    }
    // At 0, 2, 6, 14, 30, 62, and from then on every 32 s.
    expect(asked).toHaveLength(13);
    live.splice(0, 1, makeInstance(app, { nonce: 'next', upMs: 60_000 }));
    await become('Healthy');
    expect(asked).toHaveLength(14);
  });

  it('is shown with who has the port', async () => {
    const { owner, shown, become } = rig();
    owner.now = { kind: 'stranger', pid: 12, nonce: null, command: 'nc -l 3000' };
    await become('Healthy');
    expect(shown).toEqual([expect.stringContaining('port 3000 is held by process 12 (nc -l 3000)')]);
  });

  it('is not looked at before it is ready, nor again when it was seen to listen', async () => {
    const { owner, asked, become, later } = rig();
    await become('Progressing');
    expect(asked).toEqual([]);
    owner.now = { kind: 'own' };
    await become('Healthy');
    await become('Healthy');
    await later();
    expect(asked).toEqual(['localhost:3000']);
  });

  it('has the time that it needs, where it does not say when it is ready', async () => {
    const silent = makeApp('api', { spec: { ports: [port] } });
    const { shown, live, become, later } = rig({ upMs: 3_000 }, silent);
    await become('Healthy');
    expect(shown).toEqual([]);
    live.splice(0, 1, makeInstance(silent, { upMs: 11_000 }));
    await later();
    expect(shown).toHaveLength(1);
  });

  it.each<PortOwner>([{ kind: 'unknown' }, { kind: 'elsewhere' }])(
    'is not shown where the host does not tell: %j',
    async (owner) => {
      const { shown, become, owner: seen } = rig();
      seen.now = owner;
      await become('Healthy');
      expect(shown).toEqual([]);
    },
  );

  it('listens where the runner has bound the socket that it shares', async () => {
    const { asked, become } = rig({ listening: ['*:3000'] });
    await become('Healthy');
    expect(asked).toEqual([]);
  });
});
