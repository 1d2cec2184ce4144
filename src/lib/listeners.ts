import type { Cancel } from './clocks/clock.ts';

/**
 * Those who are to be told of something. Each of them is on its own: what one throws goes to `onError` and keeps neither
 * the others from being told nor the teller from going on.
 */
export class Listeners<T> {
  readonly #entries = new Set<{ readonly listener: (told: T) => void }>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Tells `listener` from now on, until the returned function is called. One that is added twice is told twice. */
  add(listener: (told: T) => void): Cancel {
    const entry = { listener };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** Tells all that are listening now, in the order in which they were added. Never throws. */
  tell(told: T): void {
    for (const entry of [...this.#entries]) {
      // One that was told before may have ended this one.
      if (!this.#entries.has(entry)) continue;
      try {
        entry.listener(told);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
