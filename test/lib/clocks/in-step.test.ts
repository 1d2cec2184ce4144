import { expect, test } from 'vitest';
import { inStep } from '../../../src/lib/clocks/in-step.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('what is due within a second is called together at its end', () => {
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

test('rounds of a second stay rounds of a second, though no timer is on time', () => {
  const clock = new FakeClock();
  const slow = inStep(clock);
  const called: number[] = [];
  const round = (): void => {
    called.push(clock.monotonic());
    slow.after(1_000, round);
  };
  slow.after(1_000, round);
  for (let i = 0; i < 400; i++) clock.advance(7 + (i % 5));
  expect(called).toHaveLength(3);
  expect(called.every((at, i) => at - (i + 1) * 1_000 < 11)).toBe(true);
});

test('nothing is called earlier than a tenth of a second before it is due', () => {
  for (const [now, delayMs] of [
    [0, 2_000],
    [99, 1_000],
    [101, 1_000],
    [950, 20],
    [950, 160],
  ] as const) {
    const clock = new FakeClock();
    clock.advance(now);
    let calledAt = 0;
    inStep(clock).after(delayMs, () => (calledAt = clock.monotonic()));
    for (let i = 0; i < 4_000; i++) clock.advance(1);
    expect(calledAt).toBeGreaterThanOrEqual(now + delayMs - 100);
    expect(calledAt).toBeLessThanOrEqual(now + delayMs + 900);
  }
});
