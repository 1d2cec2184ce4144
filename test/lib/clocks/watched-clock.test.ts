import { expect, it } from 'vitest';
import { watchedClock } from '../../../src/lib/clocks/watched-clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function rig() {
  const clock = new FakeClock();
  const set: number[] = [];
  let sleptMs = 0;
  const watched = watchedClock({
    clock,
    uptimeMs: () => clock.monotonic() + sleptMs,
    onSet: (byMs) => set.push(byMs),
  });
  const sleep = (ms: number): void => {
    clock.jump(ms);
    sleptMs += ms;
  };
  return { clock, watched, set, sleep };
}

it('tells once of a clock that was set, forward and back', () => {
  const { clock, watched, set } = rig();
  clock.advance(5_000);
  expect([watched.now(), set]).toEqual([clock.now(), []]);
  clock.jump(-3_600_000);
  expect(watched.now()).toBe(clock.now());
  watched.now();
  clock.jump(60_000);
  watched.now();
  expect(set).toEqual([-3_600_000, 60_000]);
});

it('lets small drift pass until it has grown', () => {
  const { clock, watched, set } = rig();
  for (let step = 0; step < 5; step++) {
    clock.jump(300);
    watched.now();
  }
  expect(set).toEqual([1_200]);
});

it('does not take the sleep of the host for it, and sees it through that', () => {
  const { clock, watched, set, sleep } = rig();
  sleep(8 * 3_600_000);
  watched.now();
  expect(set).toEqual([]);
  sleep(3_600_000);
  clock.jump(-120_000);
  watched.now();
  expect(set).toEqual([-120_000]);
});
