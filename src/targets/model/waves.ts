import { dependencyEdges } from '../../spec/dependencies.ts';
import type { AppSpec } from '../../spec/types.ts';

/** Apps after those that they depend on; those that may stand in any order, by their names. A file has no cycles. */
export function inWaves(apps: readonly AppSpec[]): readonly AppSpec[] {
  const sorted = apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(sorted.map(({ name }) => name));
  const done = new Set<string>();
  const ordered: AppSpec[] = [];
  while (ordered.length < sorted.length) {
    const ready = sorted.filter(
      (app) =>
        !done.has(app.name) && dependencyEdges(app).every(({ name }) => done.has(name) || !names.has(name)),
    );
    if (ready.length === 0) return sorted;
    ordered.push(...ready);
    for (const { name } of ready) done.add(name);
  }
  return ordered;
}
