import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';

/**
 * Puts apps into an order to stop them in: each wave ends before the next one is asked to, and an app comes after all
 * that depend on it, directly or through others. Apps that depend on each other in a circle are one last wave.
 */
export function stopWaves(
  keys: readonly AppKey[],
  dependenciesOf: (key: AppKey) => readonly string[],
): readonly (readonly AppKey[])[] {
  const left = new Map(keys.map((key) => [key, reachable(key, dependenciesOf)]));
  const waves: AppKey[][] = [];
  while (left.size > 0) {
    const needed = new Set([...left.values()].flatMap((dependencies) => [...dependencies]));
    const free = [...left.keys()].filter((key) => !needed.has(key));
    const wave = free.length === 0 ? [...left.keys()] : free;
    for (const key of wave) left.delete(key);
    waves.push(wave);
  }
  return waves;
}

function reachable(start: AppKey, dependenciesOf: (key: AppKey) => readonly string[]): ReadonlySet<AppKey> {
  const { project } = splitAppKey(start);
  const seen = new Set<AppKey>([start]);
  // A set that grows while it is walked is walked to its end.
  for (const key of seen) for (const name of dependenciesOf(key)) seen.add(appKey(project, name));
  seen.delete(start);
  return seen;
}
