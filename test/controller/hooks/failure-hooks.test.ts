import { expect, it } from 'vitest';
import { failureHooks } from '../../../src/controller/hooks/failure-hooks.ts';
import { appKey } from '../../../src/lib/app-key.ts';
import type { AppHealth, HealthStatus } from '../../../src/plan/model/health.ts';
import type { Reason } from '../../../src/plan/model/reasons.ts';
import type { EventRecord } from '../../../src/state/model/types.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDriver } from '../../support/fake-driver.ts';
import { makeApp } from '../../plan/fixtures.ts';

const KEY = appKey('shop', 'api');

/** An app whose health and events are told as the daemon tells them; gives the reasons that its hook was run for. */
function scene() {
  const clock = new FakeClock();
  const driver = new FakeDriver(clock);
  const hooks = { on_failure: { command: ['tell'], timeout: 1_000 } };
  let generation = 1;
  let health: HealthStatus = 'Healthy';
  let onEvent: (event: EventRecord) => void = () => undefined;
  let onStatus: (key: typeof KEY) => void = () => undefined;
  const runs: string[] = [];
  let seq = 0;
  const start = driver.startHook.bind(driver);
  driver.startHook = async (order) => {
    runs.push(`${order.run.of} ${order.run.reason}`);
    const started = await start(order);
    driver.endHook(order.nonce, 0);
    return started;
  };
  failureHooks({
    ...{ driver, clock, newNonce: () => `n${(seq += 1)}`, log: (line) => expect.fail(line) },
    store: {
      desiredApp: () => makeApp('api', { generation, spec: { hooks } }),
      history: (key) => ({ key, slots: [] }),
      subscribe: (listener) => {
        onEvent = listener;
        return () => undefined;
      },
    },
    secrets: { forCommand: () => Promise.resolve({ values: {}, hashes: {}, unresolved: null }) },
    status: {
      health: () => ({ health }) as AppHealth,
      subscribe: (listener) => {
        onStatus = listener;
        return () => undefined;
      },
    },
  });
  const become = (to: HealthStatus, reason?: Reason): Promise<void> => {
    if (reason !== undefined) {
      const about = { key: KEY, slot: 0, pid: null, generation };
      onEvent({ ...about, seq: 1, at: 0, level: 'error', reason, message: 'it failed' });
    }
    health = to;
    onStatus(KEY);
    return new Promise((resolve) => setImmediate(resolve));
  };
  const flap = async (to: HealthStatus, reason: Reason): Promise<void> => {
    await become(to, reason);
    await become('Healthy');
  };
  return { clock, runs, become, flap, release: () => (generation += 1) };
}

it('is told of an app that flaps once in five minutes, and at once of another failure', async () => {
  const { clock, runs, become, flap, release } = scene();
  await become('Healthy');
  for (let turn = 0; turn < 10; turn += 1) await flap('CrashLoop', 'BackOff');
  expect(runs).toEqual(['CrashLoop@1 BackOff']);
  await flap('Failed', 'MaxRestartsExceeded');
  await flap('CrashLoop', 'BackOff');
  await flap('Failed', 'MaxRestartsExceeded');
  expect(runs.splice(0)).toEqual(['CrashLoop@1 BackOff', 'Failed@1 MaxRestartsExceeded']);
  release();
  await flap('CrashLoop', 'BackOff');
  expect(runs.splice(0)).toEqual(['CrashLoop@2 BackOff']);
  clock.advance(5 * 60_000 - 1);
  await flap('CrashLoop', 'BackOff');
  expect(runs).toEqual([]);
  clock.advance(1);
  for (let turn = 0; turn < 3; turn += 1) await flap('CrashLoop', 'BackOff');
  expect(runs).toEqual(['CrashLoop@2 BackOff']);
});

it('is told of each rollout that fails', async () => {
  const { runs, become } = scene();
  await become('Healthy');
  for (let turn = 0; turn < 3; turn += 1) await become('Healthy', 'RolloutFailed');
  expect(runs).toEqual(Array(3).fill('rollout@1 RolloutFailed'));
});
