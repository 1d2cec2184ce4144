import type { Book } from './book.ts';

/** To say that something is in use costs a write: not with every request. */
const TOUCH_MS = 60_000;
/** Those that are told apart; of more, all are forgotten, and written once more. */
const MOST = 4_096;

/** What is in use, told to its book once a minute. */
export class Touches {
  readonly #now: () => number;
  readonly #touched = new Map<string, number>();

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async touch(book: Pick<Book<unknown>, 'touch'>, id: string): Promise<void> {
    const now = this.#now();
    const last = this.#touched.get(id);
    if (last !== undefined && now >= last && now - last < TOUCH_MS) return;
    if (this.#touched.size >= MOST) this.#touched.clear();
    this.#touched.set(id, now);
    await book.touch(id);
  }
}
