import { describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import { createTriggers, type TriggerContext } from '../../src/triggers/hub.ts';
import { UsageTable } from '../../src/triggers/usage/usage-table.ts';
import { makeApp } from '../plan/fixtures.ts';
import { unchanging } from '../../src/lib/values/live.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeDriver } from '../support/fake-driver.ts';
import { loopRig } from './rig.ts';

function apps(count: number): readonly DesiredApp[] {
  return Array.from({ length: count }, (_, i) => makeApp(`app-${i}`));
}

async function running(count: number) {
  const rig = loopRig();
  rig.loop.start();
  await rig.apply(...apps(count));
  for (let i = 0; i < count / 100; i++) await rig.settle();
  rig.clock.advance(1_000);
  for (let i = 0; i < count / 100; i++) await rig.settle();
  return rig;
}

describe('with many apps', () => {
  it.each([1, 100])('the loop waits for nothing when %i of them run well', async (count) => {
    const { clock, loop } = await running(count);
    const health = apps(count).map(({ key }) => loop.status.health(key)?.health);
    expect(new Set(health)).toEqual(new Set(['Healthy']));
    expect(clock.timers()).toBe(0);
  });

  it('what happens to one of a thousand is looked at for that one', async () => {
    const rig = await running(1_000);
    const visited: string[] = [];
    rig.loop.status.subscribe((key) => visited.push(key));
    rig.driver.orders.length = 0;
    const [instance] = rig.driver.instancesOf('shop/app-500');
    rig.driver.end(instance?.nonce ?? '', { code: 1 });
    await rig.settle();
    rig.clock.advance(200);
    await rig.settle();
    expect(rig.driver.orders).toEqual(['start shop/app-500:0']);
    expect(new Set(visited)).toEqual(new Set(['shop/app-500']));
    expect(visited.length).toBeLessThan(10);
  });

  it('triggers set as many timers for a hundred as for one, where nothing but their use is watched', () => {
    const timersFor = (count: number): number => {
      const clock = new FakeClock();
      const code = {
        onRefresh: () => () => undefined,
        refresh: () => new Promise(() => undefined),
        changeOf: () => undefined,
        asideOf: () => null,
        limitOf: () => null,
        secretProblemsOf: () => [],
        rotationsToRead: () => [],
      };
      const context = {
        ...{ clock, code, driver: new FakeDriver(clock), random: () => 0.5 },
        outlet: { submit: () => undefined, requestRestart: () => undefined },
        store: { records: () => new Map(), history: () => ({ slots: [] }) },
        status: { report: () => false, subscribe: () => () => undefined, health: () => undefined },
        usage: new UsageTable(() => undefined),
        paths: { home: '/h' },
        intervals: { resync: unchanging(30_000), usage: unchanging(2_000), code: unchanging(30_000) },
        log: () => undefined,
      } as unknown as TriggerContext;
      const triggers = createTriggers(context);
      for (const trigger of triggers) trigger.sync({ apps: apps(count), instances: [] });
      const timers = clock.timers();
      for (const trigger of triggers) trigger.close();
      return timers;
    };
    expect(timersFor(1)).toBeGreaterThan(0);
    expect(timersFor(100)).toBe(timersFor(1));
  });
});
