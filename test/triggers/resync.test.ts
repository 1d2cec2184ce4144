import { expect, test } from 'vitest';
import { unchanging } from '../../src/lib/values/live.ts';
import { resyncTrigger } from '../../src/triggers/resync.ts';
import { makeApp } from '../plan/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';

const app = makeApp('api');
const view = { apps: [app], instances: [] };

function rig() {
  const clock = new FakeClock();
  const ticks: number[] = [];
  const outlet = { submit: () => void ticks.push(clock.monotonic() / 1_000) };
  const trigger = resyncTrigger({
    ...{ clock, random: () => 0.5, outlet },
    intervals: { resync: unchanging(30_000) },
  });
  trigger.sync(view);
  return { clock, ticks, trigger };
}

test('every app is looked at every half minute while anything changes', () => {
  const { clock, ticks, trigger } = rig();
  for (let i = 0; i < 12; i++) {
    clock.advance(10_000);
    trigger.sync(view);
  }
  expect(ticks).toEqual([30, 60, 90, 120]);
});

test('on a host that idles the looks become rare, and are as before from the first change on', () => {
  const { clock, ticks, trigger } = rig();
  clock.advance(600_000);
  expect(ticks).toEqual([30, 60, 120, 240, 360, 480, 600]);
  clock.advance(1_000);
  trigger.sync(view);
  clock.advance(90_000);
  expect(ticks.slice(7)).toEqual([631, 661]);
  trigger.close();
  expect(clock.timers()).toBe(0);
});
