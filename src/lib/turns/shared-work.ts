import type { Clock } from '../clocks/clock.ts';

const LONGEST_REST_MS = 500;

/**
 * Work that does all that waits for it at once: who asks while it is under way shares the next run with everybody who asks
 * until that begins. What takes as long as there are apps, and is asked for by each of them, would take the square otherwise.
 * With a rest, in line with what a run took, others can come to the next one that are not there yet.
 *
 *   idle ──run──▶ running ──run──▶ running, and one waits ──ended──▶ resting ──rest is over──▶ running
 *     ▲              └──ended──▶ resting ──rest is over──┐
 *     └──────────────────────────────────────────────────┘
 */
export class SharedWork<T> {
  readonly #work: () => Promise<T>;
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly #restFactor: number;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;
  #restUntil = -Infinity;

  /** `restFactor`: a run rests for so many times what it took, half a second at most; none where few can wait at once. */
  constructor(work: () => Promise<T>, clock: Pick<Clock, 'monotonic' | 'after'>, restFactor: number) {
    this.#work = work;
    this.#clock = clock;
    this.#restFactor = restFactor;
  }

  /** Resolves or rejects with a run that has begun since. */
  run(): Promise<T> {
    return (this.#next ??= this.#whenItsTurn());
  }

  async #whenItsTurn(): Promise<T> {
    await this.#last;
    const restMs = this.#restUntil - this.#clock.monotonic();
    if (restMs > 0) await new Promise<void>((resolve) => this.#clock.after(restMs, resolve));
    this.#next = undefined;
    const from = this.#clock.monotonic();
    const running = this.#work();
    const ended = (): void => {
      const now = this.#clock.monotonic();
      this.#restUntil = now + Math.min(LONGEST_REST_MS, this.#restFactor * (now - from));
    };
    this.#last = running.then(ended, ended);
    return running;
  }
}
