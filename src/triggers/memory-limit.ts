import type { AppKey } from '../lib/app-key.ts';
import type { UsageSample } from './sample-usage.ts';
import type { TriggerOutlet, TriggerView } from './trigger.ts';

/** Samples in a row above the limit before an instance is to be replaced: a peak is no leak. */
const SAMPLES_IN_A_ROW = 3;
const ASKED = Infinity;
const MEGABYTE = 1024 * 1024;

/**
 * Judges samples against `max_memory_restart`. Per process:
 *
 *   within ──above the limit──▶ 1 above ──▶ 2 above ──▶ asked (once; a new process begins anew)
 *      ▲────────────not above───────┴──────────┘
 */
export class MemoryLimit {
  readonly #outlet: TriggerOutlet;
  /** Samples in a row above the limit, by nonce; ASKED once a restart was asked for. */
  #above = new Map<string, number>();

  constructor(outlet: TriggerOutlet) {
    this.#outlet = outlet;
  }

  /** Takes in one round of samples, by pid. A process without a sample keeps its count. */
  judge({ apps, instances }: TriggerView, samples: ReadonlyMap<number, UsageSample>): void {
    const limits = limitsOf(apps);
    const above = new Map<string, number>();
    for (const { nonce, key, slot, state, pid } of instances) {
      const limit = limits.get(key);
      if (limit === undefined || state !== 'running' || pid === null) continue;
      const counted = this.#above.get(nonce) ?? 0;
      const used = samples.get(pid)?.memoryBytes;
      if (counted === ASKED || used === undefined) {
        above.set(nonce, counted);
        continue;
      }
      const count = used > limit ? counted + 1 : 0;
      above.set(nonce, count < SAMPLES_IN_A_ROW ? count : ASKED);
      if (count < SAMPLES_IN_A_ROW) continue;
      const detail =
        `slot ${slot} (pid ${pid}) used ${inMegabytes(used)}, ` +
        `above max_memory_restart ${inMegabytes(limit)} in ${SAMPLES_IN_A_ROW} samples in a row`;
      this.#outlet.requestRestart({ key, slot, reason: 'MemoryLimit', detail });
    }
    this.#above = above;
  }
}

/** An app that is stopped has no say here: what is left of it is on its way out. */
function limitsOf(apps: TriggerView['apps']): ReadonlyMap<AppKey, number> {
  const limits = new Map<AppKey, number>();
  for (const { key, spec, override } of apps) {
    if (spec.max_memory_restart !== null && override?.run !== 'stopped')
      limits.set(key, spec.max_memory_restart);
  }
  return limits;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)}M`;
}
