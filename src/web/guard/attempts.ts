import type { Clock } from '../../lib/clocks/clock.ts';
import { RateLimit } from '../../lib/rates/rate.ts';

/** Log-ins that fail, counted: of one address, and in all. */
export class Attempts {
  readonly #each: RateLimit;
  readonly #inAll: RateLimit;

  constructor(clock: Pick<Clock, 'monotonic'>, each: number, inAll: number) {
    this.#each = new RateLimit(clock, each);
    this.#inAll = new RateLimit(clock, inAll);
  }

  /** Whether a token is looked at that comes from there. */
  mayTry(address: string): boolean {
    return this.#each.isOpen(address) && this.#inAll.isOpen('');
  }

  failed(address: string): void {
    this.#each.take(address);
    this.#inAll.take('');
  }
}
