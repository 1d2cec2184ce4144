import { describe, expect, it } from 'vitest';
import { RetryPace } from '../../../src/driver/runner/retry-pace.ts';

/** The moments of the looks in so many milliseconds, each of which finds nobody. */
function looks(pace: RetryPace, clock: { now: number }, ms: number): readonly number[] {
  const found: number[] = [];
  for (const end = clock.now + ms; clock.now < end; clock.now += pace.next()) found.push(clock.now);
  return found;
}

describe('a runner that does not answer', () => {
  it('is looked for less and less often, up to twice a second', () => {
    const clock = { now: 0 };
    const found = looks(new RetryPace(() => clock.now), clock, 5_000);
    expect(found.slice(0, 5)).toEqual([0, 20, 50, 95, 162.5]);
    expect((found.at(-1) ?? 0) - (found.at(-2) ?? 0)).toBe(500);
  });

  it('is looked for at once for a second after it was asked for, and then as before', () => {
    const clock = { now: 0 };
    const pace = new RetryPace(() => clock.now);
    expect(pace.askIfDue()).toBe(true);
    expect(looks(pace, clock, 1_000)).toHaveLength(50);
    expect(looks(pace, clock, 1_000).length).toBeLessThan(10);
  });

  it('is asked for again when it has not come in three seconds, and at once when it has been there', () => {
    const clock = { now: 0 };
    const pace = new RetryPace(() => clock.now);
    expect([pace.askIfDue(), pace.askIfDue()]).toEqual([true, false]);
    clock.now = 3_000;
    expect(pace.askIfDue()).toBe(true);
    pace.found();
    expect(pace.askIfDue()).toBe(true);
  });
});
