import type { AppKey } from '../../lib/app-key.ts';
import type { UsageSample } from './sample-usage.ts';

/** Values that are kept of an app, the oldest first; null: nothing of it ran. */
export interface AppUsageHistory {
  readonly cpuPercent: readonly (number | null)[];
  readonly memoryBytes: readonly (number | null)[];
}

interface Running {
  readonly key: AppKey;
  readonly pid: number | null;
}

/** Periods that are kept: two minutes, where one is 2 s. */
const PERIODS = 60;

interface Ring {
  /** NaN: nothing ran. */
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
}

/**
 * What apps have used in the last periods, all processes of an app together, so that whoever begins to look sees
 * how it went before. A kilobyte an app.
 */
export class UsageHistory {
  readonly #rings = new Map<AppKey, Ring>();
  #periods = 0;
  #periodMs = 0;

  /** From one value to the next. */
  get periodMs(): number {
    return this.#periodMs;
  }

  /** Another time from one value to the next: what was kept by the one before is forgotten. */
  begin(periodMs: number): void {
    this.#periodMs = periodMs;
    this.#periods = 0;
    this.#rings.clear();
  }

  /**
   * Takes in one round, which tells of `periods` since the one before. An app that has run in none of those that are kept is
   * forgotten.
   */
  record(
    instances: readonly Running[],
    samples: ReadonlyMap<number, UsageSample>,
    periods: number = 1,
  ): void {
    const used = usedByApps(instances, samples);
    for (let period = 0; period < Math.min(periods, PERIODS); period += 1) this.#next(used);
  }

  #next(used: ReadonlyMap<AppKey, UsageSample>): void {
    const at = this.#periods % PERIODS;
    this.#periods += 1;
    for (const key of used.keys()) this.#ring(key);
    for (const [key, { cpu, memory }] of this.#rings) {
      cpu[at] = used.get(key)?.cpuPercent ?? NaN;
      memory[at] = used.get(key)?.memoryBytes ?? NaN;
    }
    if (at !== 0) return;
    for (const [key, { memory }] of this.#rings) if (memory.every(Number.isNaN)) this.#rings.delete(key);
  }

  of(key: AppKey): AppUsageHistory {
    const ring = this.#rings.get(key);
    if (ring === undefined) return { cpuPercent: [], memoryBytes: [] };
    return {
      cpuPercent: this.#inOrder(ring.cpu).map((value) => value && Math.round(value * 10) / 10),
      memoryBytes: this.#inOrder(ring.memory),
    };
  }

  #inOrder(values: Float64Array): readonly (number | null)[] {
    const kept = Math.min(this.#periods, PERIODS);
    return Array.from({ length: kept }, (_, index) => {
      const value = values[(this.#periods - kept + index) % PERIODS] ?? NaN;
      return Number.isNaN(value) ? null : value;
    });
  }

  #ring(key: AppKey): Ring {
    const known = this.#rings.get(key);
    if (known !== undefined) return known;
    const ring = { cpu: new Float64Array(PERIODS).fill(NaN), memory: new Float64Array(PERIODS).fill(NaN) };
    this.#rings.set(key, ring);
    return ring;
  }
}

/** All processes of an app together; an app of which nothing was seen has no entry. */
function usedByApps(
  instances: readonly Running[],
  samples: ReadonlyMap<number, UsageSample>,
): ReadonlyMap<AppKey, UsageSample> {
  const used = new Map<AppKey, UsageSample>();
  for (const { key, pid } of instances) {
    const sample = pid === null ? undefined : samples.get(pid);
    if (sample === undefined) continue;
    const { cpuPercent, memoryBytes } = used.get(key) ?? { cpuPercent: 0, memoryBytes: 0 };
    used.set(key, {
      cpuPercent: cpuPercent + sample.cpuPercent,
      memoryBytes: memoryBytes + sample.memoryBytes,
    });
  }
  return used;
}
