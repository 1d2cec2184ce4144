import type { Pieces } from './pieces.ts';
/** How long work that can wait may hold the event loop at once. */
const SLICE_MS = 5;

/**
 * Shares the event loop between long work and everything else that a process does. Whoever has much to do asks before each
 * small piece, as after each read, and waits where its turn is over:
 *
 *   if (loopTurns.isOver) await loopTurns.next();
 *
 * However many do so at the same time, they hold the loop for 5 ms and one piece together, then everything else comes.
 */
export class Turns {
  readonly #now: () => number;
  readonly #later: (callback: () => void) => void;
  readonly #waiting: (() => void)[] = [];
  #begun = -Infinity;

  constructor(
    now: () => number = () => performance.now(),
    later: (callback: () => void) => void = setImmediate,
  ) {
    this.#now = now;
    this.#later = later;
  }

  /** Others are to come first. */
  get isOver(): boolean {
    return this.#waiting.length > 0 || this.#now() - this.#begun >= SLICE_MS;
  }

  /** Resolves when everything else has had its turn, and whoever has waited longer. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#later(() => this.#give());
    });
  }

  /** One in a turn of the loop: what it does is done before this is called again. */
  #give(): void {
    this.#begun = this.#now();
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#later(() => this.#give());
  }
}

/** A process has one event loop. */
export const loopTurns = new Turns();

/** Does work to its end and lets everything else have its turn meanwhile. */
export async function inTurns<T>(work: Pieces<T>, turns = loopTurns): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (turns.isOver) await turns.next();
  }
}
