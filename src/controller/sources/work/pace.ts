/** After a failure: doubled each time, up to the longest. */
export const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10 * 60_000;
/** Looks of several hosts do not come at the same moment. */
const JITTER = 0.1;

/** How long to wait before something is tried again. */
export class Pace {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  reset(): void {
    this.#failures = 0;
  }

  backOff(): number {
    this.#failures += 1;
    return this.jittered(Math.min(RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS));
  }

  jittered(ms: number): number {
    return Math.round(ms * (1 - JITTER + 2 * JITTER * this.#random()));
  }
}
