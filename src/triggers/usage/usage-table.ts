import type { Cancel } from '../../lib/clocks/clock.ts';
import { Listeners } from '../../lib/listeners.ts';
import type { UsageSample } from './sample-usage.ts';
import { UsageHistory } from './usage-history.ts';

/** The newest round of samples, by pid of the instance. */
export class UsageTable {
  readonly history = new UsageHistory();
  #samples: ReadonlyMap<number, UsageSample> = new Map();
  readonly #listeners: Listeners<undefined>;
  readonly #looks: Listeners<undefined>;
  #followers = 0;

  constructor(onError: (error: unknown) => void) {
    this.#listeners = new Listeners(onError);
    this.#looks = new Listeners(onError);
  }

  /** Somebody is told of every round. */
  get isFollowed(): boolean {
    return this.#followers > 0;
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
    const end = this.#listeners.add(listener);
    this.#followers += 1;
    this.asked();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#followers -= 1;
      end();
    };
  }

  /** Somebody wants to know, once, and maybe again. */
  asked(): void {
    this.#looks.tell(undefined);
  }

  /** Calls `listener` whenever somebody begins to look. */
  onLook(listener: () => void): Cancel {
    return this.#looks.add(listener);
  }
}
