/** Cancels what it stands for. Calling it twice does nothing more. */
export type Cancel = () => void;

/** Time, injected: the real one where programs are composed, a fake one in tests. */
export interface Clock {
  /** Wall time, epoch milliseconds. For people and for cron; it can jump. */
  now(): number;
  /** Milliseconds since an arbitrary start; never jumps. For durations. */
  monotonic(): number;
  /** Calls `callback` once, at least `delayMs` later. */
  after(delayMs: number, callback: () => void): Cancel;
}

/** The longest delay that `setTimeout` takes without firing at once: 24 days. What is longer is waited for in parts. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout | undefined;
    const wait = (leftMs: number): void => {
      timer = setTimeout(
        () => (leftMs > MAX_TIMEOUT_MS ? wait(leftMs - MAX_TIMEOUT_MS) : callback()),
        Math.min(Math.max(0, leftMs), MAX_TIMEOUT_MS),
      );
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};

/** The result of `work`, or null when it takes longer than `limitMs`. */
export function within<T>(limitMs: number, work: Promise<T>, clock: Pick<Clock, 'after'>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => resolve(null));
    work.then(resolve, reject).finally(cancel);
  });
}
