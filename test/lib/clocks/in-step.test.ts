import { expect, test } from 'vitest';
import { inStep } from '../../../src/lib/clocks/in-step.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('what is due within a second is called together at its end, and nothing early', () => {
  const clock = new FakeClock();
  clock.advance(250);
  const slow = inStep(clock);
  const called: string[] = [];
  const note = (what: string) => () => called.push(`${what} ${clock.monotonic()}`);
  slow.after(0, note('now'));
  slow.after(300, note('soon'));
  slow.after(1_000, note('later'));
  slow.after(750, note('exactly'));
  slow.after(800, note('never'))();
  expect(clock.timers()).toBe(4);
  for (let i = 0; i < 40; i++) clock.advance(50);
  expect(called).toEqual(['now 1000', 'soon 1000', 'exactly 1000', 'later 2000']);
});
