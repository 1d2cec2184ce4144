import { beforeEach, expect, it } from 'vitest';
import { failureQueue, type FailureQueue } from '../../../src/controller/hooks/failure-queue.ts';
import type { HookOrder } from '../../../src/driver/driver.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDriver } from '../../support/fake-driver.ts';
import { makeApp } from '../../plan/fixtures.ts';

let driver: FakeDriver;
let queue: FailureQueue;

beforeEach(() => {
  driver = new FakeDriver(new FakeClock());
  queue = failureQueue(driver, (key, message) => expect.fail(`${key}: ${message}`));
});

function order(app: string, of: string): HookOrder {
  return {
    ...{ nonce: `${app} ${of}`, facts: { pid: null } },
    app: makeApp(app, { spec: { hooks: { on_failure: { command: ['tell'], timeout: 1_000 } } } }),
    run: { name: 'on_failure', of, slot: null, reason: 'RolloutFailed' },
  };
}

function running(): readonly string[] {
  return driver.hooks().flatMap(({ nonce, state }) => (state === 'exited' ? [] : [nonce]));
}

async function ended(nonce: string): Promise<void> {
  driver.endHook(nonce, 0);
  await Promise.resolve();
}

it('runs eight hooks at once where a whole host fails, and each that waits as soon as there is room', async () => {
  for (let app = 0; app < 20; app += 1) queue.add(order(`app-${app}`, 'first'));
  await Promise.resolve();
  expect(running()).toHaveLength(8);
  for (let round = 0; round < 20; round += 1) await ended(running()[0] ?? 'none');
  expect(driver.orders).toHaveLength(20);
  expect(running()).toEqual([]);
});

it('runs one hook of an app at a time, then tells of the last failure meanwhile, not of each', async () => {
  for (const of of ['first', 'second', 'third', 'fourth']) queue.add(order('api', of));
  await Promise.resolve();
  expect(running()).toEqual(['api first']);
  await ended('api first');
  expect(running()).toEqual(['api fourth']);
  await ended('api fourth');
  expect(driver.orders).toHaveLength(2);
});

it('goes on when it has missed the end of a hook', async () => {
  queue.add(order('api', 'first'));
  queue.add(order('api', 'second'));
  await Promise.resolve();
  driver.endHook('api first', 0);
  await driver.forget('api first');
  expect(running()).toEqual(['api second']);
});
