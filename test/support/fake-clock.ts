import type { Cancel, Clock } from '../../src/lib/clocks/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. Wall time and monotonic time move together. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #wall: number;
  #monotonic = 0;

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#wall = now;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = { dueAt: this.#monotonic + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are set. */
  timers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, or undefined when none is set. */
  nextDelayMs(): number | undefined {
    const dueAt = [...this.#timers].map((timer) => timer.dueAt).sort((a, b) => a - b)[0];
    return dueAt === undefined ? undefined : dueAt - this.#monotonic;
  }

  /** Moves time on, firing every timer that comes due, in order. */
  advance(ms: number): void {
    const target = this.#monotonic + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.dueAt <= target)
        .sort((a, b) => a.dueAt - b.dueAt)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#move(Math.max(0, due.dueAt - this.#monotonic));
      due.callback();
    }
    this.#move(target - this.#monotonic);
  }

  /** Has the wall clock jump, as when somebody sets it; durations do not notice. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  #move(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }
}
