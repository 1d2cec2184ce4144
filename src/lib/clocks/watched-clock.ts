import type { Clock } from './clock.ts';

/** The wall clock was set when it has left the other clocks by this; less is drift. */
export const CLOCK_SET_MS = 1_000;

export interface WatchedClockOptions {
  readonly clock: Clock;
  /** Milliseconds since the host was started, also those in which it slept. */
  readonly uptimeMs: () => number;
  /** The wall clock was set; negative: back. Called before anybody is told a time of the clock as it is now. */
  readonly onSet: (byMs: number) => void;
}

/** The clock, and whoever keeps times that it gave is told when they are no longer comparable with those it gives. */
export function watchedClock({ clock, uptimeMs, onSet }: WatchedClockOptions): Clock {
  const read = () => ({ wall: clock.now(), steady: clock.monotonic(), uptime: uptimeMs() });
  let seen = read();
  return {
    now() {
      const leftBy = clock.now() - seen.wall - (clock.monotonic() - seen.steady);
      if (Math.abs(leftBy) >= CLOCK_SET_MS) {
        const before = seen;
        seen = read();
        // The monotonic clock stands still while the host sleeps: that alone sets no clock.
        const byMs = Math.round(seen.wall - before.wall - (seen.uptime - before.uptime));
        if (Math.abs(byMs) >= CLOCK_SET_MS) onSet(byMs);
      }
      return clock.now();
    },
    monotonic: () => clock.monotonic(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
  };
}
