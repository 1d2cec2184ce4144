import type { Cancel, Clock } from '../clocks/clock.ts';

/** So many at once, and so many in a minute, for each of those who ask; who asks seldom is forgotten. */
export class RateLimit {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #perMinute: number;
  readonly #known = new Map<string, { left: number; at: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Whether one more would be taken from `who`. */
  isOpen(who: string): boolean {
    return this.#left(who, this.#clock.monotonic()) >= 1;
  }

  /** Whether one more is taken from `who`. */
  take(who: string): boolean {
    const now = this.#clock.monotonic();
    const left = this.#left(who, now);
    this.#known.delete(who);
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(who, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }

  #left(who: string, now: number): number {
    const known = this.#known.get(who);
    if (known === undefined) return this.#perMinute;
    return Math.min(this.#perMinute, known.left + ((now - known.at) / 60_000) * this.#perMinute);
  }
}

const MAX_KNOWN = 10_000;

/**
 * Calls at once, and then not again for a while: what comes meanwhile is made up for at the end by one call.
 *
 *   idle ──ask──▶ called, resting ──the time is over──▶ idle
 *                    └──ask──▶ resting, asked ──the time is over──▶ called, resting
 */
export class Spaced {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #gapMs: number;
  readonly #resting = new Map<string, { asked: (() => void) | null; cancel: Cancel }>();

  constructor(clock: Pick<Clock, 'after'>, gapMs: number) {
    this.#clock = clock;
    this.#gapMs = gapMs;
  }

  ask(name: string, call: () => void): void {
    const resting = this.#resting.get(name);
    if (resting !== undefined) {
      resting.asked = call;
      return;
    }
    this.#rest(name);
    call();
  }

  #rest(name: string): void {
    const cancel = this.#clock.after(this.#gapMs, () => {
      const asked = this.#resting.get(name)?.asked ?? null;
      this.#resting.delete(name);
      if (asked === null) return;
      this.#rest(name);
      asked();
    });
    this.#resting.set(name, { asked: null, cancel });
  }

  close(): void {
    for (const { cancel } of this.#resting.values()) cancel();
    this.#resting.clear();
  }
}
