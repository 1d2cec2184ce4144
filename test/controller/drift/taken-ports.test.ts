import { beforeEach, describe, expect, test } from 'vitest';
import { TakenPorts } from '../../../src/controller/drift/taken-ports.ts';
import type { Override } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import type { PortOwner } from '../../../src/triggers/probes/port-owner.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const ports = [{ name: 'main', port: 3000, host: null, env: ['PORT'], shared: false }];
const STRANGER: PortOwner = { kind: 'stranger', pid: 12, nonce: null, command: 'python3', user: 'bob' };

function host() {
  const status = new StatusTable((error) => {
    throw error;
  });
  const events: string[] = [];
  const here = {
    ...{ status, events, owner: STRANGER, instances: [] as ObservedInstance[] },
    override: null as Override | null,
    asked: 0,
    app: () => makeApp('api', { spec: { ports: ports as never }, override: here.override }),
    look: async () => {
      await looks.look();
      return shown();
    },
    recheck: async () => {
      await looks.recheck();
      return shown();
    },
  };
  const publish = (): void => {
    const { key } = here.app();
    const axes = { key, sync: 'Synced' as const, health: 'Healthy' as const, converged: true };
    const health = { ...axes, desiredInstances: 1, readyInstances: 1, conditions: [] };
    status.publish(key, { health, holds: [], generation: 1, now: 0 });
  };
  const shown = (): readonly string[] =>
    status.get(here.app().key)?.health.conditions.map(({ reason, message }) => `${reason}: ${message}`) ?? [];
  const looks = new TakenPorts({
    ...{ status, clock: new FakeClock() },
    store: {
      desired: () => [here.app()],
      appendEvent: (event) => {
        events.push(event.reason);
        return { ...event, seq: events.length };
      },
    },
    driver: {
      reachable: true,
      runner: undefined,
      instance: (nonce) => here.instances.find((instance) => instance.nonce === nonce),
      instancesOf: () => here.instances,
    },
    owners: {
      find: () => {
        here.asked++;
        return Promise.resolve(here.owner);
      },
    },
  });
  publish();
  return here;
}

let here: ReturnType<typeof host>;
beforeEach(() => {
  here = host();
});

const TAKEN =
  'PortTaken: port 3000 is held by process 12 (python3) of user bob, which is not of this instance; end it, or give the app another port';
const OVERRIDE = { by: 'ann', at: 1 } as const;

describe('a foreign process on the port of an app', () => {
  test.each<[string, () => void]>([
    ['that runs', () => here.instances.push(makeInstance(here.app(), {}))],
    ['that is stopped', () => (here.override = { ...OVERRIDE, run: 'stopped' })],
    ['that waits', () => undefined],
  ])('is told of once, and no more when it is gone: one %s', async (_, set) => {
    set();
    expect([await here.look(), await here.look()]).toEqual([[TAKEN], [TAKEN]]);
    here.owner = { kind: 'nobody' };
    expect(await here.recheck()).toEqual([]);
    expect(here.events).toEqual(['PortTaken', 'DriftEnded']);
  });

  test('is told of by its user alone where it cannot be looked at, and never where it may be the app itself', async () => {
    here.owner = { kind: 'unknown', uid: 0 };
    expect(await here.look()).toEqual([
      expect.stringContaining('a process of user root that the daemon may not'),
    ]);
    here.instances.push(makeInstance(here.app(), {}));
    expect(await here.look()).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['the app itself', () => (here.owner = { kind: 'own' })],
    [
      'another process of this home',
      () => {
        here.instances.push(makeInstance(here.app(), { nonce: 'n7', slot: 3 }));
        here.owner = { ...STRANGER, nonce: 'n7' };
      },
    ],
    [
      'sockets that its instances share',
      () => here.instances.push(makeInstance(here.app(), { listening: ['[::]:3000'] })),
    ],
    ['nobody that could be told', () => (here.owner = { kind: 'unknown' })],
    ['an app that is to have no instance', () => (here.override = { ...OVERRIDE, instances: 0 })],
  ])('is not %s', async (_, set) => {
    set();
    expect(await here.look()).toEqual([]);
    expect(here.events).toEqual([]);
  });

  test('is left to the trigger that is at it already', async () => {
    const told = {
      type: 'PortFree',
      status: 'False',
      reason: 'PortTaken',
      message: 'as the trigger says',
    } as const;
    here.status.report(here.app().key, 'PortFree', told);
    here.status.refresh(here.app().key, 0);
    expect(await here.look()).toEqual(['PortTaken: as the trigger says']);
    expect(here.events).toEqual([]);
  });
});

test('what is not shown is not looked up when somebody asks', async () => {
  await here.recheck();
  expect(here.asked).toBe(0);
});
