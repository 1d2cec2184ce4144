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

/** Rounds that are kept: two minutes. */
const ROUNDS = 60;

interface Ring {
  /** NaN: nothing ran. */
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
}

/**
 * What apps have used in the last rounds of samples, all processes of an app together, so that whoever begins to look sees
 * how it went before. A kilobyte an app.
 */
export class UsageHistory {
  readonly #rings = new Map<AppKey, Ring>();
  #rounds = 0;

  /** Takes in one round. An app that has run in none of those that are kept is forgotten. */
  record(instances: readonly Running[], samples: ReadonlyMap<number, UsageSample>): void {
    const at = this.#rounds % ROUNDS;
    this.#rounds += 1;
    for (const { cpu, memory } of this.#rings.values()) {
      cpu[at] = NaN;
      memory[at] = NaN;
    }
    for (const { key, pid } of instances) {
      const sample = pid === null ? undefined : samples.get(pid);
      if (sample === undefined) continue;
      const { cpu, memory } = this.#ring(key);
      cpu[at] = (cpu[at] || 0) + sample.cpuPercent;
      memory[at] = (memory[at] || 0) + sample.memoryBytes;
    }
    if (at === 0) {
      for (const [key, { memory }] of this.#rings) if (memory.every(Number.isNaN)) this.#rings.delete(key);
    }
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
    const kept = Math.min(this.#rounds, ROUNDS);
    return Array.from({ length: kept }, (_, index) => {
      const value = values[(this.#rounds - kept + index) % ROUNDS] ?? NaN;
      return Number.isNaN(value) ? null : value;
    });
  }

  #ring(key: AppKey): Ring {
    const known = this.#rings.get(key);
    if (known !== undefined) return known;
    const ring = { cpu: new Float64Array(ROUNDS).fill(NaN), memory: new Float64Array(ROUNDS).fill(NaN) };
    this.#rings.set(key, ring);
    return ring;
  }
}
