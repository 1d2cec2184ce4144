import type { AppKey } from '../lib/app-key.ts';
import type { AcceptedApp, DesiredApp, Observed, ObservedInstance, SlotHistory } from './types.ts';

/**
 * Desired and observed by app: what planning one app looks things up in. The loop gives its own tables; what is
 * accepted is then what is desired, because there is nothing to compare.
 */
export interface HostView {
  readonly reachable: boolean;
  desiredApp(key: AppKey): DesiredApp | undefined;
  instancesOf(key: AppKey): readonly ObservedInstance[];
  historyOf(key: AppKey): readonly SlotHistory[];
  acceptedApp(key: AppKey): AcceptedApp | undefined;
}

/** A whole host, indexed in one pass over each list; of two entries with one key the newer generation is taken. */
export function viewHost(
  desired: readonly DesiredApp[],
  observed: Observed,
): { readonly host: HostView; readonly keys: readonly AppKey[] } {
  const apps = newestByKey(desired);
  const accepted = newestByKey(observed.accepted);
  const instances = groupByKey(observed.instances);
  const history = new Map(observed.history.map(({ key, slots }) => [key, slots]));
  const host: HostView = {
    reachable: observed.reachable,
    desiredApp: (key) => apps.get(key),
    instancesOf: (key) => instances.get(key) ?? [],
    historyOf: (key) => history.get(key) ?? [],
    acceptedApp: (key) => accepted.get(key),
  };
  return { host, keys: sortKeys([...apps.keys(), ...accepted.keys(), ...instances.keys()]) };
}

/** Without duplicates and in code unit order, so that no locale changes a plan. */
function sortKeys(keys: readonly AppKey[]): readonly AppKey[] {
  return [...new Set(keys)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function newestByKey<T extends { readonly key: AppKey; readonly generation: number }>(
  items: readonly T[],
): ReadonlyMap<AppKey, T> {
  const byKey = new Map<AppKey, T>();
  for (const item of items) {
    const other = byKey.get(item.key);
    if (other === undefined || other.generation < item.generation) byKey.set(item.key, item);
  }
  return byKey;
}

function groupByKey<T extends { readonly key: AppKey }>(
  items: readonly T[],
): ReadonlyMap<AppKey, readonly T[]> {
  const groups = new Map<AppKey, T[]>();
  for (const item of items) {
    const group = groups.get(item.key);
    if (group === undefined) groups.set(item.key, [item]);
    else group.push(item);
  }
  return groups;
}
