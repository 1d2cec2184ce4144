import { dependencyEdges } from '../../../spec/dependencies.ts';
import type { AppSpec } from '../../../spec/types.ts';

/** Names of apps in waves: each wave depends on earlier ones alone. A file has no cycles. */
export function dependencyWaves(apps: readonly AppSpec[]): readonly (readonly string[])[] {
  const names = new Set(apps.map(({ name }) => name));
  const done = new Set<string>();
  const waves: string[][] = [];
  while (done.size < names.size) {
    const ready = apps
      .filter((app) => !done.has(app.name))
      .filter((app) => dependencyEdges(app).every(({ name }) => done.has(name) || !names.has(name)))
      .map(({ name }) => name)
      .toSorted();
    if (ready.length === 0) throw new Error('apps that wait for each other were read from a file');
    waves.push(ready);
    for (const name of ready) done.add(name);
  }
  return waves;
}

/** Apps that cannot go on without those that have failed: they depend on them, directly or through others. */
export function dependents(failed: ReadonlySet<string>, apps: readonly AppSpec[]): ReadonlySet<string> {
  const held = new Set<string>();
  for (const name of dependencyWaves(apps).flat()) {
    const app = apps.find((one) => one.name === name);
    const waits = app === undefined ? [] : dependencyEdges(app).map((edge) => edge.name);
    if (waits.some((other) => failed.has(other) || held.has(other))) held.add(name);
  }
  return held;
}
