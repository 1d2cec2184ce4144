import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KEY, RolloutRig, startFirst, stopFirst, version } from './rollout-rig.ts';

const NO_SECRET = 'DB: there is no file /srv/db: write the secret there';
const NO_PERL = 'tty: perl is needed to give an app a terminal: install it';
/** What goes missing, for the version that runs too, and comes back. */
const LACKS = [
  [NO_SECRET, () => (rig.unresolved = NO_SECRET), () => (rig.unresolved = null)],
  [
    NO_PERL,
    () => ['1', '2'].forEach((number) => rig.driver.lacks.set(`${KEY} /srv/${number}-good.js`, NO_PERL)),
    () => rig.driver.lacks.clear(),
  ],
] as const;
const hooks = { pre_stop: { command: ['true'], timeout: 30_000 } };

let rig: RolloutRig;

beforeEach(async () => {
  rig = new RolloutRig();
  await rig.apply(version(1, 'good', { instances: 2, hooks, rollout: stopFirst() }));
  await rig.pass(5_000);
  expect(rig.serving).toEqual(['1-good', '1-good']);
});
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.close();
});

const ended = (): readonly string[] =>
  rig.driver.orders.filter((order) => /^(?:stop|hook pre_stop) /.test(order));

describe.each(LACKS)('where what a start needs is gone (%s)', (why, lose, mend) => {
  test.each([
    ['stop first', stopFirst({ max_unavailable: 2, parallel: 2 })],
    ['start first', startFirst()],
  ])('no process is ended for it, nor told that it will be: %s', async (_, rollout) => {
    lose();
    await rig.apply(version(2, 'good', { instances: 2, hooks, rollout }));
    await rig.pass(5_000);
    expect(rig.serving).toEqual(['1-good', '1-good']);
    expect(ended()).toEqual([]);
    expect(rig.app.lastRollout).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'StartFailed', message: `slot 0 could not be started: ${why}` },
    });
  });

  test('where there is no version to go back to, it is tried again after a back-off, until it is there', async () => {
    lose();
    await rig.apply(version(2, 'good', { instances: 2, rollout: stopFirst({ on_failure: 'continue' }) }));
    await rig.pass(50_000);
    expect(rig.serving).toEqual(['1-good', '1-good']);
    // Once at the beginning, and every 30 s, as what cannot be started is.
    expect(rig.driver.orders.filter((order) => order === `start ${KEY}:0`)).toHaveLength(1 + 2);
    mend();
    await rig.pass(60_000);
    expect(rig.serving).toEqual(['2-good', '2-good']);
  });

  test('a restart at once ends the process all the same', async () => {
    lose();
    await rig.commit({
      ...{ kind: 'restart-requested', key: KEY, reason: 'RestartRequested', detail: 'somebody' },
      ...{ slot: null, at: rig.clock.now(), now: true },
    });
    await rig.pass(31_000);
    expect(rig.serving).toEqual([]);
  });
});
