import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the clock of a process', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 5, 20 * DAY_MS, 30 * DAY_MS, 100 * DAY_MS])(
    'calls once after %d ms, and not before',
    (delayMs) => {
      const call = vi.fn();
      systemClock.after(delayMs, call);
      vi.advanceTimersByTime(Math.max(0, delayMs - 1));
      expect(call).toHaveBeenCalledTimes(0);
      vi.advanceTimersByTime(1);
      expect(call).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(200 * DAY_MS);
      expect(call).toHaveBeenCalledTimes(1);
    },
  );

  it('calls nobody who has taken it back, in which part of the delay ever', () => {
    const call = vi.fn();
    const cancel = systemClock.after(30 * DAY_MS, call);
    vi.advanceTimersByTime(29 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(30 * DAY_MS);
    expect(call).not.toHaveBeenCalled();
  });
});
