import type { Clock } from '../../lib/clocks/clock.ts';

export interface CreditLimits {
  /** How many at once, when none came for a while. */
  readonly burst: number;
  readonly perSecond: number;
}

/** Limits how often something may happen: a bucket that fills up with time. */
export class Credit {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #limits: CreditLimits;
  #left: number;
  #at: number;

  constructor(clock: Pick<Clock, 'monotonic'>, limits: CreditLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#left = limits.burst;
    this.#at = clock.monotonic();
  }

  /** False: not now. */
  take(): boolean {
    const now = this.#clock.monotonic();
    const { burst, perSecond } = this.#limits;
    this.#left = Math.min(burst, this.#left + ((now - this.#at) * perSecond) / 1_000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
