import { afterEach, describe, expect, test } from 'vitest';
import { restartOf } from '../state/specs.ts';
import {
  KEY,
  LISTEN_TIMEOUT_MS,
  MIN_READY_MS,
  READY_AFTER_MS,
  RolloutRig,
  startFirst,
  stopFirst,
  version,
} from './rollout-rig.ts';

let rig: RolloutRig;

afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.close();
});

/** An app, of two instances unless it is told otherwise, that runs version 1 and has proven itself. */
async function provenApp(fields: Parameters<typeof version>[2] = {}): Promise<readonly string[]> {
  rig = new RolloutRig();
  await rig.apply(version(1, 'good', { instances: 2, ...fields }));
  await rig.pass(5_000);
  expect(rig.app.rollout).toBeUndefined();
  expect(rig.serving).toEqual(Array.from({ length: fields.instances ?? 2 }, () => '1-good'));
  return nonces();
}

function nonces(): readonly string[] {
  return rig.live.map(({ nonce }) => nonce).toSorted();
}

/** Notes the fewest that served at any step from now on, and the most that lived. */
function watchBounds(): { fewest: number; most: number } {
  const seen = { fewest: Infinity, most: 0 };
  rig.onStep = () => {
    seen.fewest = Math.min(seen.fewest, rig.serving.length);
    seen.most = Math.max(seen.most, rig.live.length);
  };
  return seen;
}

const TIME_FOR_TWO = 2 * (READY_AFTER_MS + MIN_READY_MS) + 500;

test('a first version is done when it has proven itself, and is not a rollout to speak of', async () => {
  await provenApp();
  expect(rig.verdicts).toEqual([{ kind: 'completed' }]);
  expect(rig.app.lastRollout).toBeUndefined();
});

test('a good version takes every slot, start first, and nothing goes unserved', async () => {
  await provenApp();
  const seen = watchBounds();
  await rig.apply(version(2, 'good', { instances: 2 }));
  await rig.pass(TIME_FOR_TWO);
  expect(rig.serving).toEqual(['2-good', '2-good']);
  expect(seen).toEqual({ fewest: 2, most: 3 });
  expect(rig.app.rollout).toBeUndefined();
  expect(rig.app.lastRollout).toMatchObject({ outcome: 'succeeded', generation: 2 });
  expect(rig.healthy).toBe(true);
});

test('a good version takes every slot, stop first, one at a time', async () => {
  await provenApp({ rollout: stopFirst() });
  const seen = watchBounds();
  await rig.apply(version(2, 'good', { instances: 2, rollout: stopFirst() }));
  await rig.pass(TIME_FOR_TWO);
  expect(rig.serving).toEqual(['2-good', '2-good']);
  expect(seen).toEqual({ fewest: 1, most: 2 });
  expect(rig.app.lastRollout).toMatchObject({ outcome: 'succeeded' });
});

describe.each([
  ['crashes', 'slot 0 exited with code 1 after 0.1s'],
  ['hangs', 'slot 0 was not ready within 3s: GET / answered 503'],
  ['dies', 'slot 0 exited with code 1 after 0.7s'],
] as const)('a version that %s', (behaviour, message) => {
  test('never replaces a process that works: the old ones serve on, and the app is back', async () => {
    const before = await provenApp();
    const seen = watchBounds();
    await rig.apply(version(2, behaviour, { instances: 2 }));
    await rig.pass(LISTEN_TIMEOUT_MS + TIME_FOR_TWO);
    expect(seen).toEqual({ fewest: 2, most: 3 });
    expect(nonces()).toEqual(before);
    expect(rig.app).toMatchObject({ spec: { script: '/srv/1-good.js' }, revision: 1, generation: 3 });
    expect(rig.app.lastRollout).toMatchObject({ outcome: 'failed', revision: 2, failure: { message } });
    expect(rig.healthy).toBe(true);
    expect(rig.verdicts).toHaveLength(2);
    expect(rig.state.history().map(({ restarts }) => restarts)).not.toContain(1);
  });

  test('takes one instance and no more where it has to be stopped first, and gives it back', async () => {
    const [first] = await provenApp({ rollout: stopFirst() });
    const seen = watchBounds();
    await rig.apply(version(2, behaviour, { instances: 2, rollout: stopFirst() }));
    await rig.pass(LISTEN_TIMEOUT_MS + TIME_FOR_TWO);
    expect(seen.fewest).toBe(1);
    expect(rig.serving).toEqual(['1-good', '1-good']);
    expect(nonces()).not.toContain(first);
    expect(rig.app.lastRollout).toMatchObject({ outcome: 'failed' });
  });

  test('waits with the old ones serving where it is to pause, and goes on when it is resumed', async () => {
    const rollout = startFirst({ on_failure: 'pause' });
    const before = await provenApp({ rollout });
    await rig.apply(version(2, behaviour, { instances: 2, rollout }));
    await rig.pass(LISTEN_TIMEOUT_MS + 60_000);
    expect(nonces()).toEqual(before);
    expect(rig.app.rollout?.paused).toMatchObject({ by: 'stateward', failure: { message } });
    const orders = rig.driver.orders.length;
    await rig.commit({ kind: 'rollout-paused', key: KEY, paused: null, at: rig.clock.now() });
    await rig.pass(LISTEN_TIMEOUT_MS + 2_000);
    expect(rig.driver.orders.slice(orders)).toContain('start shop/web:0');
    expect(rig.app.rollout?.paused).toMatchObject({ failure: { message } });
    expect(nonces()).toEqual(before);
  });

  test('is not tried again by a cron_restart, and is when it is applied again', async () => {
    const before = await provenApp();
    const bad = version(2, behaviour, { instances: 2 });
    await rig.apply(bad);
    await rig.pass(LISTEN_TIMEOUT_MS + 2_000);
    await rig.commit({ ...restartOf(KEY), kind: 'restart-requested', reason: 'CronRestart' });
    await rig.pass(TIME_FOR_TWO);
    expect(rig.serving).toEqual(['1-good', '1-good']);
    expect(nonces()).not.toEqual(before);
    const tried = rig.verdicts.length;
    await rig.apply(bad);
    await rig.pass(LISTEN_TIMEOUT_MS + 2_000);
    expect(rig.verdicts.slice(tried)).toMatchObject([{ kind: 'failed', failure: { message } }]);
    expect(rig.serving).toEqual(['1-good', '1-good']);
  });
});

test('a restart that comes up badly is taken back while a process from before can be kept', async () => {
  const before = await provenApp();
  await rig.commit({ ...restartOf(KEY), at: rig.clock.now() });
  const [newest] = rig.live.filter(({ nonce }) => !before.includes(nonce));
  if (newest === undefined) throw new Error('nothing was started');
  rig.driver.end(newest.nonce, { code: 7 });
  await rig.pass(TIME_FOR_TWO);
  expect(nonces()).toEqual(before);
  expect(rig.app).toMatchObject({ restartGeneration: 0, lastRollout: { outcome: 'failed' } });
  await rig.commit({ ...restartOf(KEY), at: rig.clock.now() });
  await rig.pass(TIME_FOR_TWO);
  expect(rig.serving).toEqual(['1-good', '1-good']);
  expect(nonces().filter((nonce) => before.includes(nonce))).toEqual([]);
});

test('a newer version takes the place of one that is stuck, and of one that is on its way', async () => {
  const before = await provenApp();
  const seen = watchBounds();
  await rig.apply(version(2, 'hangs', { instances: 2 }));
  await rig.pass(1_000);
  await rig.apply(version(3, 'good', { instances: 2 }));
  await rig.pass(READY_AFTER_MS + MIN_READY_MS + 50);
  await rig.apply(version(4, 'good', { instances: 2 }));
  await rig.pass(2 * TIME_FOR_TWO);
  expect(rig.serving).toEqual(['4-good', '4-good']);
  expect(seen).toEqual({ fewest: 2, most: 3 });
  expect(rig.app.lastRollout).toMatchObject({ outcome: 'succeeded', generation: 4 });
  expect(nonces().some((nonce) => before.includes(nonce))).toBe(false);
});

test('a rollout that fails after a newer one came goes back to what had proven itself', async () => {
  await provenApp();
  await rig.apply(version(2, 'good', { instances: 2 }));
  await rig.pass(READY_AFTER_MS + MIN_READY_MS + 50);
  await rig.apply(version(3, 'crashes', { instances: 2 }));
  await rig.pass(2 * TIME_FOR_TWO);
  expect(rig.serving).toEqual(['1-good', '1-good']);
  expect(rig.app.revision).toBe(1);
});

test('a pause leaves things as they are, and a resume goes on', async () => {
  await provenApp({ instances: 3 });
  await rig.apply(version(2, 'good', { instances: 3 }));
  await rig.commit({ kind: 'rollout-paused', key: KEY, paused: { by: 'ann', at: 1 }, at: 1 });
  await rig.pass(30_000);
  expect(rig.serving).toEqual(['2-good', '1-good', '1-good']);
  await rig.commit({ kind: 'rollout-paused', key: KEY, paused: null, at: rig.clock.now() });
  await rig.pass(5_000);
  expect(rig.serving).toEqual(['2-good', '2-good', '2-good']);
  expect(rig.app.lastRollout).toMatchObject({ outcome: 'succeeded' });
});

test.each([50, 400, 1_150, 1_600])(
  'a controller that dies %s ms into a rollout leaves it to the next one',
  async (afterMs) => {
    await provenApp();
    const seen = watchBounds();
    await rig.apply(version(2, 'good', { instances: 2 }));
    await rig.pass(afterMs);
    await rig.restartController();
    await rig.pass(2 * TIME_FOR_TWO);
    expect(rig.serving).toEqual(['2-good', '2-good']);
    expect(seen).toEqual({ fewest: 2, most: 3 });
    expect(rig.app.lastRollout).toMatchObject({ outcome: 'succeeded' });
  },
);

test.each([20, 300, 900])(
  'a controller that dies %s ms into a bad release leaves the old ones serving',
  async (afterMs) => {
    const before = await provenApp();
    await rig.apply(version(2, 'dies', { instances: 2 }));
    await rig.pass(afterMs);
    await rig.restartController();
    await rig.pass(10_000);
    expect(nonces()).toEqual(before);
    expect(rig.app.lastRollout).toMatchObject({ outcome: 'failed' });
  },
);

test('an app that is stopped in the middle of a rollout ends, and goes on when it is started', async () => {
  await provenApp();
  await rig.apply(version(2, 'good', { instances: 2 }));
  await rig.commit({
    kind: 'override-set',
    key: KEY,
    override: { run: 'stopped', by: 'ann', at: 5 },
  });
  await rig.pass(1_000);
  expect(rig.live).toEqual([]);
  await rig.commit({ kind: 'override-set', key: KEY, override: null });
  await rig.pass(TIME_FOR_TWO);
  expect(rig.serving).toEqual(['2-good', '2-good']);
  expect(rig.app.rollout).toBeUndefined();
});

test('scaling in the middle of a rollout takes effect at once', async () => {
  await provenApp();
  await rig.apply(version(2, 'good', { instances: 2 }));
  await rig.commit({ kind: 'override-set', key: KEY, override: { instances: 4, by: 'ann', at: 5 } });
  await rig.pass(3 * TIME_FOR_TWO);
  expect(rig.serving).toEqual(['2-good', '2-good', '2-good', '2-good']);
  expect(rig.app.rollout).toBeUndefined();
});
