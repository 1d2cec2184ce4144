import type { App } from '../../api/contract/wire/apps.ts';
import type { UsageHistoryList } from '../../api/contract/wire/dash/usage-history.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Apps } from './feed-state.ts';

/** What an app has used, the oldest first; null: nothing of it ran. */
export interface Series {
  /** Epoch milliseconds. */
  readonly at: readonly number[];
  readonly cpu: readonly (number | null)[];
  readonly memory: readonly (number | null)[];
}

export type Usage = ReadonlyMap<AppKey, Series>;

/** A quarter of an hour, at a value every two seconds: what a tab has seen itself. */
const KEPT = 450;

/** What the daemon has sampled before the tab came; what the tab saw earlier than that stays in front of it. */
export function fromHistory(known: Usage, { periodMs, items }: UsageHistoryList, now: number): Usage {
  return new Map(
    items.map(({ project, name, cpuPercent, memoryBytes }) => {
      const at = cpuPercent.map((_, index) => now - (cpuPercent.length - 1 - index) * periodMs);
      const fresh = { at, cpu: cpuPercent, memory: memoryBytes };
      return [appKey(project, name), joined(known.get(appKey(project, name)), fresh)];
    }),
  );
}

/** One round more, of every app as it is now. */
export function withRound(known: Usage, apps: Apps, now: number): Usage {
  return new Map(
    [...apps].map(([key, app]) => {
      const value = { at: [now], cpu: [sum(app, 'cpuPercent')], memory: [sum(app, 'memoryBytes')] };
      return [key, joined(known.get(key), value)];
    }),
  );
}

function joined(before: Series | undefined, after: Series): Series {
  const start = after.at[0] ?? Infinity;
  const kept = before?.at.findIndex((at) => at >= start) ?? 0;
  const length = before === undefined ? 0 : kept === -1 ? before.at.length : kept;
  const both = <T>(one: readonly T[] = [], other: readonly T[]): readonly T[] =>
    [...one.slice(0, length), ...other].slice(-KEPT);
  return {
    at: both(before?.at, after.at),
    cpu: both(before?.cpu, after.cpu),
    memory: both(before?.memory, after.memory),
  };
}

/** Of all instances; null: none of them was sampled. */
export function sum({ status }: App, of: 'cpuPercent' | 'memoryBytes'): number | null {
  const values = status.instances.flatMap(({ [of]: value }) => (value === null ? [] : [value]));
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}

/** Points of a line through the last values, in a box of this size: `0,12 4,10`; parts that are missing are left out. */
export function sparkPoints(
  values: readonly (number | null)[],
  { width, height, count }: { readonly width: number; readonly height: number; readonly count: number },
): string {
  const last = values.slice(-count);
  const top = Math.max(...last.map((value) => value ?? 0)) || 1;
  const step = width / Math.max(1, count - 1);
  const offset = count - last.length;
  return last
    .flatMap((value, index) =>
      value === null
        ? []
        : [
            `${((index + offset) * step).toFixed(1)},${(height - (value / top) * (height - 2) - 1).toFixed(1)}`,
          ],
    )
    .join(' ');
}
