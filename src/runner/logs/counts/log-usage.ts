import type { AppLogUsage } from '../../protocol/reports.ts';

/** Of one app, as it grows. */
export interface LogCounts {
  bytes: number;
  droppedLines: number;
}

/** What each app has written since this runner began, and what of it a file did not take. By app: `project/name`. */
export class LogUsage {
  readonly #apps = new Map<string, LogCounts>();

  /** The counts of an app, to be added to. */
  of(app: string): LogCounts {
    const known = this.#apps.get(app);
    if (known !== undefined) return known;
    const counts = { bytes: 0, droppedLines: 0 };
    this.#apps.set(app, counts);
    return counts;
  }

  /** Those of apps that are there; of others nothing is kept any more. */
  list(apps: ReadonlySet<string>): readonly AppLogUsage[] {
    for (const app of this.#apps.keys()) if (!apps.has(app)) this.#apps.delete(app);
    return [...this.#apps].map(([app, counts]) => ({ app, ...counts }));
  }
}
