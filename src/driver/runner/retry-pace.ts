const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 500;
/** A runner that was asked for has this long to listen before another is asked for. */
const RUNNER_START_MS = 3_000;
/** One that was just asked for is looked for again and again: until it is found, nothing that ends is started again. */
const COMING_MS = 1_000;

/** When to look for a runner again, and when to ask for one. */
export class RetryPace {
  /** Milliseconds of a clock that does not jump. */
  readonly #now: () => number;
  #retryMs = FIRST_RETRY_MS;
  #askedAt = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a runner is to be asked for; it counts as asked for then. */
  askIfDue(): boolean {
    if (this.#now() - this.#askedAt < RUNNER_START_MS) return false;
    this.#askedAt = this.#now();
    return true;
  }

  /** One that was asked for is there, whatever it says. */
  found(): void {
    this.#askedAt = -Infinity;
  }

  /** It does what it is asked for. */
  connected(): void {
    this.#retryMs = FIRST_RETRY_MS;
  }

  /** Milliseconds until the next look. */
  next(): number {
    if (this.#now() - this.#askedAt < COMING_MS) return FIRST_RETRY_MS;
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(retryMs * 1.5, LAST_RETRY_MS);
    return retryMs;
  }
}
