import type { UsageSample } from './sample-usage.ts';

/** The newest round of samples, by pid of the instance. */
export class UsageTable {
  #samples: ReadonlyMap<number, UsageSample> = new Map();

  get samples(): ReadonlyMap<number, UsageSample> {
    return this.#samples;
  }

  /** Adds samples of processes that the newest round has not seen. */
  add(samples: ReadonlyMap<number, UsageSample>): void {
    this.#samples = new Map([...samples, ...this.#samples]);
  }

  publish(samples: ReadonlyMap<number, UsageSample>): void {
    this.#samples = samples;
  }
}
