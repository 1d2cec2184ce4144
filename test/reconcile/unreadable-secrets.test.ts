import { afterEach, beforeEach, expect, test } from 'vitest';
import { KEY, RolloutRig, startFirst, stopFirst, version } from './rollout-rig.ts';

const WHY = 'DB: there is no file /srv/db: write the secret there';
const hooks = { pre_stop: { command: ['true'], timeout: 30_000 } };

let rig: RolloutRig;

beforeEach(async () => {
  rig = new RolloutRig();
  await rig.apply(version(1, 'good', { instances: 2, hooks, rollout: stopFirst() }));
  await rig.pass(5_000);
  expect(rig.serving).toEqual(['1-good', '1-good']);
  rig.unresolved = WHY;
});
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.close();
});

const ended = (): readonly string[] =>
  rig.driver.orders.filter((order) => /^(?:stop|hook pre_stop) /.test(order));

test.each([
  ['stop first', stopFirst({ max_unavailable: 2, parallel: 2 })],
  ['start first', startFirst()],
])(
  'no process is ended for one whose secrets cannot be read, nor told that it will be: %s',
  async (_, rollout) => {
    await rig.apply(version(2, 'good', { instances: 2, hooks, rollout }));
    await rig.pass(5_000);
    expect(rig.serving).toEqual(['1-good', '1-good']);
    expect(ended()).toEqual([]);
    expect(rig.app.lastRollout).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'StartFailed', message: `slot 0 could not be started: ${WHY}` },
    });
  },
);

test('where there is no version to go back to, it is tried again after a back-off, until it can be read', async () => {
  await rig.apply(version(2, 'good', { instances: 2, rollout: stopFirst({ on_failure: 'continue' }) }));
  await rig.pass(50_000);
  expect(rig.serving).toEqual(['1-good', '1-good']);
  // Once at the beginning, and every 30 s, as what cannot be started is.
  expect(rig.driver.orders.filter((order) => order === `start ${KEY}:0`)).toHaveLength(1 + 2);
  rig.unresolved = null;
  await rig.pass(60_000);
  expect(rig.serving).toEqual(['2-good', '2-good']);
});

test('a restart at once ends the process all the same', async () => {
  await rig.commit({
    ...{ kind: 'restart-requested', key: KEY, reason: 'RestartRequested', detail: 'somebody' },
    ...{ slot: null, at: rig.clock.now(), now: true },
  });
  await rig.pass(31_000);
  expect(rig.serving).toEqual([]);
});
