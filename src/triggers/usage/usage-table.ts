import type { Cancel } from '../../lib/clocks/clock.ts';
import { Listeners } from '../../lib/listeners.ts';
import type { UsageSample } from './sample-usage.ts';
import { UsageHistory } from './usage-history.ts';

/** The newest round of samples, by pid of the instance. */
export class UsageTable {
  readonly history = new UsageHistory();
  #samples: ReadonlyMap<number, UsageSample> = new Map();
  readonly #listeners: Listeners<undefined>;

  constructor(onError: (error: unknown) => void) {
    this.#listeners = new Listeners(onError);
  }

  get samples(): ReadonlyMap<number, UsageSample> {
    return this.#samples;
  }

  /** Adds samples of processes that the newest round has not seen. */
  add(samples: ReadonlyMap<number, UsageSample>): void {
    this.#samples = new Map([...samples, ...this.#samples]);
  }

  publish(samples: ReadonlyMap<number, UsageSample>): void {
    this.#samples = samples;
    this.#listeners.tell(undefined);
  }

  /** Calls `listener` after every round, until the returned function is called. */
  subscribe(listener: () => void): Cancel {
    return this.#listeners.add(listener);
  }
}
