import type { Clock } from './clock.ts';

const STEP_MS = 1_000;

/**
 * The clock for what is looked at again and again, by whoever it may be: what is due within a second is called together at
 * its end. A process that has nothing to do wakes once a second for all of it, instead of once for each.
 */
export function inStep(clock: Pick<Clock, 'after' | 'monotonic'>): Pick<Clock, 'after'> {
  return {
    after(delayMs, callback) {
      const now = clock.monotonic();
      const due = Math.ceil((now + delayMs) / STEP_MS) * STEP_MS;
      return clock.after(due - now, callback);
    },
  };
}
