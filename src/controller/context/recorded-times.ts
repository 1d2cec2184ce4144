import type { Clock } from '../../lib/clocks/clock.ts';
import { FailureError } from '../../lib/failure.ts';
import { CLOCK_SET_MS, watchedClock } from '../../lib/clocks/watched-clock.ts';
import { newestTime, withMovedTimes } from '../../plan/slots/recorded-times.ts';
import type { Store } from '../../state/store.ts';

export interface RecordedTimesOptions {
  readonly store: Pick<Store, 'commit' | 'desired' | 'histories' | 'recordHistory'>;
  readonly clock: Clock;
  /** As in WatchedClockOptions. */
  readonly uptimeMs: () => number;
  readonly onError: (error: unknown) => void;
  readonly log: (line: string) => void;
}

/**
 * Moves the times on record along when the wall clock is set, so that delays, windows and deadlines stay as long as they
 * were. Times that are further on than the clock were recorded before it was set back, while no controller ran.
 */
export class RecordedTimes {
  /** The clock that every part of the controller goes by. */
  readonly clock: Clock;
  readonly #options: RecordedTimesOptions;
  #moved: Promise<void> = Promise.resolve();

  constructor(options: RecordedTimesOptions) {
    this.#options = options;
    this.clock = watchedClock({ ...options, onSet: (byMs) => this.#move(byMs) });
    const { store, clock } = options;
    const slots = store.histories().flatMap((history) => history.slots);
    const ahead = newestTime(store.desired(), slots) - clock.now();
    if (ahead >= CLOCK_SET_MS) this.#move(-ahead);
  }

  /** The time, when what is on record is comparable with it. */
  async now(): Promise<number> {
    const now = this.clock.now();
    await this.#moved;
    return now;
  }

  #move(byMs: number): void {
    const { store, onError, log } = this.#options;
    log(
      `the clock of the host was set by ${Math.round(byMs / 1000)} s: what waits or counts is not affected`,
    );
    for (const { key, slots } of store.histories()) {
      store.recordHistory(
        key,
        slots.map((slot) => withMovedTimes(slot, byMs)),
      );
    }
    // Before any fact that bears a time of the clock as it is now.
    const committed = store.commit({ kind: 'clock-set', byMs });
    const moved = committed.then((result) => {
      if (!result.ok) throw new FailureError(result.error);
    });
    this.#moved = Promise.all([this.#moved, moved.catch(onError)]).then(() => undefined);
  }
}
