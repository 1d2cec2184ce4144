import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clocks/clock.ts';

/** Changes that were shown and may be carried out: each once, for a while, by its token. */
export class Offers<T> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #offers = new Map<string, { readonly offer: T; readonly until: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  add(offer: T): string {
    const now = this.#clock.monotonic();
    for (const [token, { until }] of this.#offers) if (until <= now) this.#offers.delete(token);
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.#offers.set(token, { offer, until: now + OFFER_MS });
    return token;
  }

  /** undefined: it was never given out, has been taken, or is too old. */
  take(token: string): T | undefined {
    const found = this.#offers.get(token);
    this.#offers.delete(token);
    return found !== undefined && found.until > this.#clock.monotonic() ? found.offer : undefined;
  }
}

const TOKEN_BYTES = 16;
/** Whoever was shown a change decides within this time. */
export const OFFER_MS = 10 * 60_000;
