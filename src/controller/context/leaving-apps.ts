import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
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

  /**
   * Called before the commit, because the loop reconciles at once. The returned function takes it back when the commit
   * has failed.
   */
  add(apps: readonly AcceptedApp[], reason: RemovalReason): () => void {
    for (const accepted of apps) this.#apps.set(accepted.key, { accepted, reason });
    return () => {
      for (const { key } of apps) this.#apps.delete(key);
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
    const { project, name } = splitAppKey(key);
    return [...this.#apps.entries()].flatMap(([dependent, { accepted }]) =>
      splitAppKey(dependent).project === project && Object.hasOwn(accepted.spec.depends_on, name)
        ? [dependent]
        : [],
    );
  }

  delete(key: AppKey): void {
    this.#apps.delete(key);
  }
}
