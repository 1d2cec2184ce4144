import type { Clock } from '../../../lib/clocks/clock.ts';
import type { Looks } from '../../../sources/decide/next-step.ts';
import type { SourceSpec } from '../../../sources/model/source.ts';
import type { SourcesContext } from '../context.ts';
import type { Provider } from './provider.ts';
import { pollWait } from '../../../sources/schedule/poll.ts';

/** What failed for a reason that passes is tried again after this; after more failures less and less often. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10 * 60_000;

export interface Polled {
  /** null: only when somebody asks. */
  readonly pollMs: number | null;
  /** While it cannot be looked at, it is looked at less and less often, up to this; 0: as often as ever. */
  readonly longestWaitMs: number;
}

/** How a source is polled: as it says, else as its home does. */
export function polledBy(
  { pollMs, usualPoll }: Pick<SourceSpec, 'pollMs' | 'usualPoll'>,
  { longestWaitMs }: Pick<Provider, 'longestWaitMs'>,
  usual: Pick<SourcesContext, 'pollMs'>,
): Polled {
  return { pollMs: usualPoll === true ? usual.pollMs.now : pollMs, longestWaitMs };
}

/** When a source is looked at, and what has failed tried again, at the earliest. */
export class Times {
  readonly #clock: Clock;
  readonly #random: () => number;
  #nextAt: number | null;
  #retryAt: number | null = null;
  /** The clock when one of these was set last. */
  #setAt: number;
  /** Somebody was seen to write to it. */
  #isChanging = false;
  /** How often in a row it could not be looked at, and what is new not be carried out. */
  #unseen = 0;
  #unmade = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#setAt = clock.now();
    this.#nextAt = this.#setAt;
  }

  /** Somebody was seen to write to it, and what it holds is not known yet. */
  get isChanging(): boolean {
    return this.#isChanging;
  }

  /** The times as they count now. */
  looks({ pollMs }: Polled, now: number): Looks {
    // The clock was set back: the times that it has given say nothing any more.
    if (now < this.#setAt) {
      if (pollMs !== null) this.lookNow();
      this.#retryAt = null;
    }
    return {
      nextAt: this.#nextAt,
      retryAt: this.#retryAt,
      ...(this.#isChanging && { changing: true as const }),
    };
  }

  lookNow(): void {
    this.#setNext(this.#clock.now());
  }

  /** Nothing is waited for. */
  beginNow(): void {
    this.retryNow();
    this.lookNow();
  }

  /** Looks and tries wait. Gives how long. */
  beginLater(): number {
    const waitMs = this.retryLater();
    this.lookAgain(waitMs);
    return waitMs;
  }

  /** Whoever has changed a followed file may have applied it by hand: what it holds by now is what it declares. */
  lookAtFile({ from, pollMs }: Pick<SourceSpec, 'from' | 'pollMs'>): void {
    if (from.kind === 'follow' && pollMs !== null) this.lookNow();
  }

  /** A look begins. Who asks for one from now on does not mean this one. */
  looking(): void {
    this.#setNext(null);
  }

  /** It was seen that somebody writes to it. */
  lookAgain(waitMs: number): void {
    this.#isChanging = true;
    this.#lookIn(waitMs);
  }

  #lookIn(waitMs: number): void {
    if (this.#nextAt === null) this.#setNext(this.#clock.now() + waitMs);
  }

  looked({ pollMs, longestWaitMs: longestMs }: Polled, isSeen: boolean): void {
    this.#isChanging = false;
    this.#unseen = isSeen ? 0 : this.#unseen + 1;
    if (pollMs === null) return;
    const poll = { everyMs: pollMs, failures: this.#unseen, longestMs, random: this.#random() };
    this.#lookIn(pollWait(poll));
  }

  /** Nothing waits to be tried again. */
  retryNow(): void {
    this.#unmade = 0;
    this.#retryAt = null;
  }

  /** Gives how long it waits. */
  retryLater(): number {
    const failures = this.#unmade++;
    const random = this.#random();
    const waitMs = pollWait({ everyMs: RETRY_MS, failures, longestMs: LONGEST_RETRY_MS, random });
    this.#setAt = this.#clock.now();
    this.#retryAt = this.#setAt + waitMs;
    return waitMs;
  }

  #setNext(at: number | null): void {
    this.#nextAt = at;
    this.#setAt = this.#clock.now();
  }
}
