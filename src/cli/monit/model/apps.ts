import type { App, AppList, InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { UsageHistoryList } from '../../../api/contract/wire/dash/usage-history.ts';
import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { needsAttention, sortApps } from '../../views/apps/app-order.ts';
import { hasFailedRollout } from './rollout.ts';
import { HISTORY_SAMPLES, type History, type MonitState } from './state.ts';

/** The state with what a watch has said. */
export function takeList(state: MonitState, list: AppList): MonitState {
  const apps = new Map(list.partial === true ? state.apps : []);
  for (const app of list.items) apps.set(appKey(app.project, app.name), app);
  for (const key of list.gone ?? []) apps.delete(key);
  return withSelection({ ...state, apps });
}

/** A sample of every app for the sparklines. */
export function takeSample(state: MonitState): MonitState {
  const histories = new Map<AppKey, History>();
  for (const [key, app] of state.apps) {
    const before = state.histories.get(key);
    histories.set(key, {
      cpu: appended(
        before?.cpu,
        sumOf(app, ({ cpuPercent }) => cpuPercent),
      ),
      memory: appended(
        before?.memory,
        sumOf(app, ({ memoryBytes }) => memoryBytes),
      ),
    });
  }
  return { ...state, histories };
}

/** What the controller remembers, in the place of a history that does not reach as far back. */
export function takeHistories(state: MonitState, { items }: UsageHistoryList): MonitState {
  const histories = new Map(state.histories);
  for (const { project, name, cpuPercent, memoryBytes } of items) {
    const key = appKey(project, name);
    if ((histories.get(key)?.cpu.length ?? 0) >= cpuPercent.length) continue;
    histories.set(key, {
      cpu: cpuPercent.slice(-HISTORY_SAMPLES),
      memory: memoryBytes.slice(-HISTORY_SAMPLES),
    });
  }
  return { ...state, histories };
}

function appended(values: readonly (number | null)[] = [], value: number | null): readonly (number | null)[] {
  return [...values.slice(1 - HISTORY_SAMPLES), value];
}

/** The sum over its instances; null: none has a value. */
export function sumOf(
  { status }: App,
  read: (instance: InstanceStatus) => number | null | undefined,
): number | null {
  const values = status.instances.map(read).filter((value) => value !== null && value !== undefined);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

/** The largest over its instances; null: none has a value. */
export function largestOf(
  { status }: App,
  read: (instance: InstanceStatus) => number | null | undefined,
): number | null {
  const values = status.instances.map(read).filter((value) => value !== null && value !== undefined);
  return values.length === 0 ? null : Math.max(...values);
}

/** Whether somebody should look at an app; one that works, and is back on what ran before, too. */
export function isToLookAt(app: App): boolean {
  return needsAttention(app) || hasFailedRollout(app);
}

/** The apps of the list, in its order; a filter that begins with `!` leaves out what matches. */
export function visibleApps({ apps, order, filter }: MonitState): readonly App[] {
  const isWanted = matcher(filter);
  const found = [...apps.values()].filter(({ project, name, status }) =>
    isWanted(`${project}/${name} ${status.health} ${status.sync}`),
  );
  const sorted = sortApps(found, order);
  if (order.key !== 'health') return sorted;
  const [first, rest] = [sorted.filter(isToLookAt), sorted.filter((app) => !isToLookAt(app))];
  return [...first, ...rest];
}

/** Case does not matter; what is no regular expression is looked for as it stands. */
export function matcher(filter: string): (text: string) => boolean {
  if (filter === '' || filter === '!') return () => true;
  const [wanted, pattern] = filter.startsWith('!') ? [false, filter.slice(1)] : [true, filter];
  const expression = toExpression(pattern);
  return (text) => expression.test(text) === wanted;
}

function toExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'i');
  } catch {
    return new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
  }
}

/** The state with a selection that is on the list: the one before, else the first. */
export function withSelection(state: MonitState): MonitState {
  const keys = visibleKeys(state);
  if (state.selected !== null && keys.includes(state.selected)) return state;
  return { ...state, selected: keys[0] ?? null };
}

/** The state with the selection `by` lines further. */
export function moveSelection(state: MonitState, by: number): MonitState {
  const keys = visibleKeys(state);
  const at = state.selected === null ? 0 : Math.max(0, keys.indexOf(state.selected));
  return { ...state, selected: keys[clamp(at + by, 0, keys.length - 1)] ?? null };
}

function visibleKeys(state: MonitState): readonly AppKey[] {
  return visibleApps(state).map(({ project, name }) => appKey(project, name));
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
