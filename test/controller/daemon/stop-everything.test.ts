import { describe, expect, it } from 'vitest';
import { err } from '../../../src/lib/result.ts';
import { stopEverything } from '../../../src/controller/stop-everything.ts';
import type { StopOrder } from '../../../src/plan/model/stop-order.ts';
import { Bound } from '../../../src/reconcile/bound.ts';
import { createExecutor } from '../../../src/reconcile/executor.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDriver } from '../../support/fake-driver.ts';

/** Declared apps by name, with what they depend on, of which some run. */
async function scene(
  dependencies: Readonly<Record<string, readonly string[]>>,
  running = Object.keys(dependencies),
) {
  const clock = new FakeClock();
  const driver = new FakeDriver(clock);
  const hows: StopOrder[] = [];
  const apps = Object.entries(dependencies).map(([name, on]) =>
    makeApp(name, { spec: { depends_on: Object.fromEntries(on.map((other) => [other, 'ready'])) } }),
  );
  for (const app of apps) {
    const { name } = app.spec;
    if (running.includes(name)) await driver.start({ nonce: name, app, slot: 0, code: undefined });
  }
  driver.orders.length = 0;
  const execute = createExecutor({
    driver,
    newNonce: () => '',
    starts: new Bound(1),
    flushHistory: () => Promise.resolve(true),
  });
  const hurry = new AbortController();
  const stop = (accepted = apps) =>
    stopEverything({
      driver,
      clock,
      patienceMs: 1_000,
      runsHooks: true,
      accepted,
      hurry: hurry.signal,
      execute(action) {
        if (action.kind === 'stop') hows.push(action.how);
        return execute(action);
      },
    });
  return { clock, driver, hurry, hows, stop };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('stopping everything', () => {
  it('ends an app by its signal where the runner is too old for its shutdown command', async () => {
    const shutdown = { command: ['./end'], timeout: 1_000 };
    const clock = new FakeClock();
    const driver = new FakeDriver(clock);
    const db = makeApp('db', { spec: { shutdown } });
    await driver.start({ nonce: 'db', app: db, slot: 0, code: undefined });
    const execute = createExecutor({
      ...{ driver, newNonce: () => '', starts: new Bound(1), flushHistory: () => Promise.resolve(true) },
    });
    await stopEverything({
      ...{ driver, clock, patienceMs: 1_000, runsHooks: true, accepted: [db] },
      hurry: new AbortController().signal,
      execute: async (action) =>
        action.kind === 'stop' && action.how.shutdown !== undefined
          ? err({ code: 'unsupported', message: 'too old' })
          : execute(action),
    });
    expect(driver.orders).toContain('stop shop/db:0');
  });

  it('ends dependents before what they depend on, and forgets all of them', async () => {
    const { driver, stop } = await scene({ db: [], api: ['db'], web: ['api'], cron: [] });
    await stop();
    expect(driver.orders).toEqual([
      'stop shop/cron:0',
      'stop shop/web:0',
      'stop shop/api:0',
      'stop shop/db:0',
    ]);
    expect(driver.instances()).toEqual([]);
  });

  it('keeps the order of a chain whose middle does not run', async () => {
    const { driver, stop } = await scene({ db: [], api: ['db'], web: ['api'] }, ['db', 'web']);
    await stop();
    expect(driver.orders).toEqual(['stop shop/web:0', 'stop shop/db:0']);
  });

  it('ends a circle all the same, and what nobody has declared', async () => {
    const circle = await scene({ a: ['b'], b: ['a'] });
    await circle.stop();
    expect(circle.driver.instances()).toEqual([]);
    const unknown = await scene({ a: [] });
    await unknown.stop([]);
    expect(unknown.driver.instances()).toEqual([]);
  });

  it('goes on without one that does not end in its time', async () => {
    const { clock, driver, stop } = await scene({ db: [], api: ['db'] });
    driver.stubborn.add('shop/api');
    const stopped = stop();
    await turn();
    expect(driver.orders).toEqual(['stop shop/api:0']);
    clock.advance(60_000);
    await stopped;
    expect(driver.orders).toEqual(['stop shop/api:0', 'stop shop/db:0']);
  });

  it('waits for as long as one process after the other ends, however many there are', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
    const { clock, driver, stop } = await scene(Object.fromEntries(names.map((name) => [name, []])));
    for (const name of names) driver.stubborn.add(`shop/${name}`);
    const stopped = stop();
    for (const name of names) {
      await turn();
      clock.advance(5_000);
      driver.end(name, { code: 0, requested: true });
    }
    await stopped;
    expect(driver.orders).toHaveLength(20);
    expect(driver.instances()).toEqual([]);
  });

  it('asks again without any grace when whoever asked will not wait', async () => {
    const { driver, hurry, hows, stop } = await scene({ db: [], api: ['db'] });
    driver.stubborn.add('shop/api');
    const stopped = stop();
    await turn();
    driver.stubborn.clear();
    hurry.abort();
    await stopped;
    expect(hows.map(({ drainMs, graceMs }) => drainMs + graceMs > 0)).toEqual([true, false, false]);
    expect(driver.instances()).toEqual([]);
  });

  it('asks the runner that follows one that has died, of all that has not ended', async () => {
    const { driver, stop } = await scene({ db: [], api: ['db'] });
    driver.setReachable(false);
    const stopped = stop();
    await turn();
    expect(driver.orders).toEqual([]);
    driver.setReachable(true);
    driver.stubborn.add('shop/api');
    await turn();
    expect(driver.orders).toEqual(['stop shop/api:0']);
    // It dies over it.
    driver.setReachable(false);
    await turn();
    driver.stubborn.clear();
    driver.setReachable(true);
    await stopped;
    expect(driver.orders).toEqual(['stop shop/api:0', 'stop shop/api:0', 'stop shop/db:0']);
  });

  it('gives up when no runner comes', async () => {
    const { clock, driver, stop } = await scene({ db: [] });
    driver.setReachable(false);
    const stopped = stop();
    await turn();
    clock.advance(1_000);
    await stopped;
    expect(driver.orders).toEqual([]);
  });
});
