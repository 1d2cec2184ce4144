import { groupBy } from '../../lib/collections.ts';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { AcceptedApp, DesiredApp } from './desired.ts';
import type { HookRecord } from './hooks.ts';
import type { Observed, ObservedHook, ObservedInstance, Silence, SlotHistory } from './observed.ts';

/**
 * Desired and observed state by app, as planning one app looks it up. The loop passes its own tables; accepted is then
 * the same as desired, because there is nothing to compare.
 */
export interface HostView {
  readonly reachable: boolean;
  /** As in Observed. */
  readonly silence?: Silence | null;
  desiredApp(key: AppKey): DesiredApp | undefined;
  instancesOf(key: AppKey): readonly ObservedInstance[];
  historyOf(key: AppKey): readonly SlotHistory[];
  /** Processes that run hooks of the app. */
  hooksOf(key: AppKey): readonly ObservedHook[];
  /** Runs of hooks that have ended and are on record, newest first. */
  hookRecordsOf(key: AppKey): readonly HookRecord[];
  acceptedApp(key: AppKey): AcceptedApp | undefined;
  /** Apps that name this one in depends_on, including those that leave the desired state. */
  dependentsOf(key: AppKey): readonly AppKey[];
}

/** A whole host, indexed in one pass over each list. Of two entries with the same key, the newer generation counts. */
export function viewHost(
  desired: readonly DesiredApp[],
  observed: Observed,
): { readonly host: HostView; readonly keys: readonly AppKey[] } {
  const apps = newestByKey(desired);
  const accepted = newestByKey(observed.accepted);
  const instances = groupBy(observed.instances, ({ key }) => key);
  const history = new Map(observed.history.map(({ key, slots }) => [key, slots]));
  const hooks = groupBy(observed.hooks ?? [], ({ key }) => key);
  const records = new Map(observed.history.map((history) => [history.key, history.hooks ?? []]));
  const dependents = indexDependents([
    ...apps.values(),
    ...[...accepted.values()].filter(({ key }) => !apps.has(key)),
  ]);
  const host: HostView = {
    reachable: observed.reachable,
    silence: observed.silence ?? null,
    desiredApp: (key) => apps.get(key),
    instancesOf: (key) => instances.get(key) ?? [],
    historyOf: (key) => history.get(key) ?? [],
    hooksOf: (key) => hooks.get(key) ?? [],
    hookRecordsOf: (key) => records.get(key) ?? [],
    acceptedApp: (key) => accepted.get(key),
    dependentsOf: (key) => dependents.get(key) ?? [],
  };
  return { host, keys: sortKeys([...apps.keys(), ...accepted.keys(), ...instances.keys(), ...hooks.keys()]) };
}

/** Who depends on whom, by the app that is depended on. */
export function indexDependents(
  apps: readonly { readonly key: AppKey; readonly spec: Pick<AppSpec, 'depends_on'> }[],
): ReadonlyMap<AppKey, readonly AppKey[]> {
  const dependents = new Map<AppKey, AppKey[]>();
  for (const { key, spec } of apps) {
    const { project } = splitAppKey(key);
    for (const name of Object.keys(spec.depends_on)) {
      const dependency = appKey(project, name);
      const known = dependents.get(dependency);
      if (known === undefined) dependents.set(dependency, [key]);
      else known.push(key);
    }
  }
  return dependents;
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
