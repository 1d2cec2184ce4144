import { unchanging, type Live } from '../lib/values/live.ts';

/** Lets at most `limit` pieces of work run at once, in the order in which they came. */
export class Bound {
  readonly #limit: Live<number>;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number | Live<number>) {
    this.#limit = typeof limit === 'number' ? unchanging(limit) : limit;
    this.#limit.onChange(() => this.#letIn());
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    // Who waits is let in first: a newcomer cannot take the place.
    if (this.#waiting.length === 0 && this.#running < this.#limit.now) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#letIn();
    }
  }

  #letIn(): void {
    while (this.#running < this.#limit.now) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next();
    }
  }
}
