import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

/** A terminal is drawn at most four times a second: more than that flickers, and nobody reads faster. */
export const FRAME_MS = 250;

/** Draws that are asked for at any time, and happen at a pace. */
export interface Pace {
  /** Something has changed: it is drawn now, or when the pace allows it. */
  wanted(): void;
  /** Draws now: somebody has pressed a key. */
  now(): void;
  stop(): void;
}

/** Calls `draw` at most once in `FRAME_MS`; the last wish is always met. */
export function pace(draw: () => void, clock: Pick<Clock, 'monotonic' | 'after'>): Pace {
  let drawnAt = -Infinity;
  let cancel: Cancel | null = null;
  let stopped = false;
  const now = (): void => {
    cancel?.();
    cancel = null;
    if (stopped) return;
    drawnAt = clock.monotonic();
    draw();
  };
  return {
    now,
    wanted() {
      if (cancel !== null || stopped) return;
      const inMs = drawnAt + FRAME_MS - clock.monotonic();
      if (inMs <= 0) now();
      else cancel = clock.after(inMs, now);
    },
    stop() {
      stopped = true;
      cancel?.();
      cancel = null;
    },
  };
}
