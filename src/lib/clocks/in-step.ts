import type { Clock } from './clock.ts';

const STEP_MS = 1_000;
/** No timer is on time: one of a second that was called at the end of one is due at the end of the next. */
const EARLY_MS = 100;

/**
 * The clock for what is looked at again and again, by whoever it may be: what is due within a second is called together at
 * its end, a tenth of a second early at most. A process that has nothing to do wakes once a second for all of it, instead of once for each.
 */
export function inStep(clock: Pick<Clock, 'after' | 'monotonic'>): Pick<Clock, 'after'> {
  return {
    after(delayMs, callback) {
      const now = clock.monotonic();
      const due = Math.ceil((now + delayMs - EARLY_MS) / STEP_MS) * STEP_MS;
      return clock.after(due - now, callback);
    },
  };
}
