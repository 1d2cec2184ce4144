import type { Cancel, Clock } from '../lib/clock.ts';

export interface ResyncOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly periodMs: number;
  /** Enqueues every app. */
  readonly submit: () => void;
}

/** Part of the period by which each tick is moved at random, so that ticks of many hosts do not fall together. */
const JITTER = 0.1;

/** Has every app looked at again from time to time, whatever was missed. Returns the way to end it. */
export function startResync(options: ResyncOptions): Cancel {
  let cancel: Cancel;
  const arm = (): void => {
    const factor = 1 + JITTER * (2 * options.random() - 1);
    cancel = options.clock.after(options.periodMs * factor, () => {
      options.submit();
      arm();
    });
  };
  arm();
  return () => cancel();
}
