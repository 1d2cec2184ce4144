import { afterEach, expect, test } from 'vitest';
import type { HooksSpec } from '../../src/spec/types.ts';
import { KEY, RolloutRig, startFirst, stopFirst, version } from './rollout-rig.ts';

let rig: RolloutRig;

afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.close();
});

const HOOK = { command: ['true'], timeout: 30_000 };

function hooksRunning(name: string): readonly string[] {
  return rig.driver
    .hooksOf(KEY)
    .filter(({ state, hook }) => state !== 'exited' && hook.name === name)
    .map(({ nonce }) => nonce);
}

async function endHook(name: string, code: number): Promise<void> {
  const [nonce] = hooksRunning(name);
  if (nonce === undefined) throw new Error(`no ${name} hook runs`);
  rig.driver.endHook(nonce, code);
  await rig.pass(10);
}

function starts(): number {
  return rig.driver.orders.filter((order) => order.startsWith('start ')).length;
}

/** An app with hooks that runs version 1 and has proven itself. */
async function proven(hooks: HooksSpec): Promise<void> {
  rig = new RolloutRig();
  await rig.apply(version(1, 'good', { instances: 1, hooks }));
  if (hooks.pre_start !== undefined) await endHook('pre_start', 0);
  await rig.pass(5_000);
  expect(rig.serving).toEqual(['1-good']);
}

test('no process of a release starts before its pre_start hook has ended well, and the hook runs once', async () => {
  const hooks = { pre_start: HOOK };
  await proven(hooks);
  await rig.apply(version(2, 'good', { instances: 1, hooks, rollout: startFirst() }));
  await rig.pass(5_000);
  expect(starts()).toBe(1);
  expect(rig.serving).toEqual(['1-good']);
  await endHook('pre_start', 0);
  await rig.pass(10_000);
  expect(rig.serving).toEqual(['2-good']);
  await rig.restartController();
  await rig.pass(5_000);
  expect(rig.driver.orders.filter((order) => order.startsWith('hook pre_start'))).toHaveLength(2);
});

test('a pre_start hook that fails leaves what serves alone, and the app goes back', async () => {
  const hooks = { pre_start: HOOK };
  await proven(hooks);
  await rig.apply(version(2, 'good', { instances: 1, hooks }));
  await endHook('pre_start', 3);
  await rig.pass(5_000);
  expect(rig.app.lastRollout).toMatchObject({ outcome: 'failed', failure: { reason: 'PreStartFailed' } });
  expect(rig.serving).toEqual(['1-good']);
  expect(starts()).toBe(1);
});

test('a pre_start hook that takes too long is ended, and has failed', async () => {
  const hooks = { pre_start: HOOK };
  await proven(hooks);
  await rig.apply(version(2, 'good', { instances: 1, hooks }));
  await rig.pass(31_000);
  expect(hooksRunning('pre_start')).toEqual([]);
  expect(rig.app.lastRollout?.failure?.message).toMatch(/was ended after 30s/);
  expect(rig.serving).toEqual(['1-good']);
});

test('a controller that comes up meanwhile finds the hook that runs, and starts no second one', async () => {
  const hooks = { pre_start: HOOK };
  await proven(hooks);
  await rig.apply(version(2, 'good', { instances: 1, hooks }));
  const [first] = hooksRunning('pre_start');
  await rig.restartController();
  await rig.pass(1_000);
  expect(hooksRunning('pre_start')).toEqual([first]);
});

test('a newer release ends the hook of an older one before its own runs', async () => {
  const hooks = { pre_start: HOOK };
  await proven(hooks);
  await rig.apply(version(2, 'good', { instances: 1, hooks }));
  const [older] = hooksRunning('pre_start');
  await rig.apply(version(3, 'good', { instances: 1, hooks }));
  await rig.pass(100);
  expect(hooksRunning('pre_start')).toHaveLength(1);
  expect(hooksRunning('pre_start')).not.toEqual([older]);
  await endHook('pre_start', 0);
  await rig.pass(10_000);
  expect(rig.serving).toEqual(['3-good']);
});

test('a stop waits for its pre_stop hook, and for its timeout at most', async () => {
  const hooks = { pre_stop: HOOK };
  await proven(hooks);
  await rig.apply(version(2, 'good', { instances: 1, hooks, rollout: stopFirst() }));
  await rig.pass(29_000);
  expect(rig.serving).toEqual(['1-good']);
  await rig.pass(15_000);
  expect(rig.serving).toEqual(['2-good']);
  expect(rig.driver.orders.filter((order) => order.startsWith('hook pre_stop'))).toHaveLength(1);
});

test('post_start and post_stop run once for each process and hold nothing', async () => {
  const hooks = { post_start: HOOK, post_stop: HOOK };
  await proven(hooks);
  expect(rig.driver.orders.filter((order) => order.startsWith('hook '))).toEqual([
    `hook post_start ${KEY}:0`,
  ]);
  await rig.apply(version(2, 'good', { instances: 1, hooks }));
  await rig.pass(10_000);
  expect(rig.serving).toEqual(['2-good']);
  const ran = (name: string): number =>
    rig.driver.orders.filter((order) => order.startsWith(`hook ${name}`)).length;
  expect([ran('post_start'), ran('post_stop')]).toEqual([2, 1]);
});
