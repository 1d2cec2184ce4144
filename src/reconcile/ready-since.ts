import type { AppKey } from '../lib/app-key.ts';
import { specFor } from '../plan/slots/effective.ts';
import { isReady } from '../plan/slots/readiness.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { ObservedInstance } from '../plan/model/observed.ts';

/**
 * Since when each process has been ready without a break, as far as anybody has looked. Every change of readiness
 * enqueues its app, so a break is seen.
 */
export class ReadySince {
  readonly #monotonic: () => number;
  /** By app, then by nonce, on the monotonic clock. */
  readonly #since = new Map<AppKey, ReadonlyMap<string, number>>();
  /** Processes that have been ready at some time, by app. */
  readonly #ever = new Map<AppKey, ReadonlySet<string>>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The instances of an app with how long they have been ready; what is not among them any more is forgotten. */
  observe(app: DesiredApp, instances: readonly ObservedInstance[]): readonly ObservedInstance[] {
    const now = this.#monotonic();
    const before = this.#since.get(app.key);
    const everBefore = this.#ever.get(app.key);
    const since = new Map<string, number>();
    const ever = new Set<string>();
    const seen = instances.map((instance) => {
      const isNow = isReady(instance, specFor(instance, app));
      if (isNow || everBefore?.has(instance.nonce) === true) ever.add(instance.nonce);
      if (!isNow) return ever.has(instance.nonce) ? { ...instance, wasReady: true as const } : instance;
      const start = before?.get(instance.nonce) ?? now;
      since.set(instance.nonce, start);
      return { ...instance, readyForMs: now - start };
    });
    if (since.size > 0) this.#since.set(app.key, since);
    else this.#since.delete(app.key);
    if (ever.size > 0) this.#ever.set(app.key, ever);
    else this.#ever.delete(app.key);
    return seen;
  }

  forget(key: AppKey): void {
    this.#since.delete(key);
    this.#ever.delete(key);
  }
}
