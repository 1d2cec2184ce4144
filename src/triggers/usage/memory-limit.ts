import type { AppKey } from '../../lib/app-key.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { UsageSample } from './sample-usage.ts';
import { isDeclared, type TriggerOutlet, type TriggerView } from '../trigger.ts';

/** Samples in a row above the limit before an instance is to be replaced: a peak is not a leak. */
const SAMPLES_IN_A_ROW = 3;
const ASKED = Infinity;
const MEGABYTE = 1024 * 1024;

/**
 * Assesses samples against `max_memory_restart`. Per process that runs what is declared:
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
  assess(
    { apps, instances }: TriggerView,
    samples: ReadonlyMap<number, Pick<UsageSample, 'memoryBytes'>>,
  ): void {
    const limited = limitedApps(apps);
    const above = new Map<string, number>();
    for (const instance of instances) {
      const { nonce, key, slot, state, pid } = instance;
      const app = limited.get(key);
      if (app === undefined || state !== 'running' || pid === null || !isDeclared(instance, app)) continue;
      const limit = app.spec.max_memory_restart;
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

type LimitedApp = DesiredApp & { readonly spec: { readonly max_memory_restart: number } };

/** The processes that have to be looked at for their limits. */
export function limitedPids({ apps, instances }: TriggerView): readonly number[] {
  const limited = limitedApps(apps);
  if (limited.size === 0) return [];
  return instances.flatMap(({ key, state, pid }) =>
    pid !== null && state === 'running' && limited.has(key) ? [pid] : [],
  );
}

/** Stopped apps do not count: what is left of them is ending. */
function limitedApps(apps: TriggerView['apps']): ReadonlyMap<AppKey, LimitedApp> {
  return new Map(apps.filter(isLimited).map((app) => [app.key, app]));
}

function isLimited(app: DesiredApp): app is LimitedApp {
  return app.spec.max_memory_restart !== null && app.override?.run !== 'stopped';
}

function inMegabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)}M`;
}
