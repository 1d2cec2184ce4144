import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { RemovalReason } from '../../plan/removal.ts';
import type { AcceptedApp } from '../../plan/model/desired.ts';

interface Leaving {
  readonly accepted: AcceptedApp;
  readonly reason: RemovalReason;
}

/**
 * Apps that have left the desired state and may still have processes: how to stop them is in the spec that they had.
 * Held in memory: after a restart of the controller their processes are stopped with the default grace.
 */
export class LeavingApps {
  readonly #apps = new Map<AppKey, Leaving>();
  /** By what they name in depends_on: thousands may leave at once, and each is asked for its own. */
  readonly #dependents = new Map<AppKey, Set<AppKey>>();

  /**
   * Called before the commit, because the loop reconciles at once. The returned function takes it back when the commit
   * has failed.
   */
  add(apps: readonly AcceptedApp[], reason: RemovalReason): () => void {
    for (const accepted of apps) {
      this.delete(accepted.key);
      this.#apps.set(accepted.key, { accepted, reason });
      for (const dependency of dependenciesOf(accepted)) {
        const dependents = this.#dependents.get(dependency) ?? new Set();
        this.#dependents.set(dependency, dependents.add(accepted.key));
      }
    }
    return () => {
      for (const { key } of apps) this.delete(key);
    };
  }

  /** What they were declared as last. */
  accepted(): readonly AcceptedApp[] {
    return [...this.#apps.values()].map(({ accepted }) => accepted);
  }

  get(key: AppKey): Leaving | undefined {
    return this.#apps.get(key);
  }

  /** The apps that leave and name this one in depends_on. */
  dependentsOf(key: AppKey): readonly AppKey[] {
    return [...(this.#dependents.get(key) ?? [])];
  }

  delete(key: AppKey): void {
    const leaving = this.#apps.get(key);
    if (leaving === undefined) return;
    this.#apps.delete(key);
    for (const dependency of dependenciesOf(leaving.accepted)) {
      const dependents = this.#dependents.get(dependency);
      dependents?.delete(key);
      if (dependents?.size === 0) this.#dependents.delete(dependency);
    }
  }
}

function dependenciesOf({ key, spec }: AcceptedApp): readonly AppKey[] {
  const { project } = splitAppKey(key);
  return Object.keys(spec.depends_on).map((name) => appKey(project, name));
}
