import type { App } from '../../../api/contract/wire/apps.ts';
import type { HealthStatus } from '../../../plan/model/health.ts';

/** What `get --sort` sorts by. */
export const SORT_KEYS = ['health', 'name', 'id', 'restarts', 'cpu', 'memory', 'uptime'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** An order of apps. Numbers have the largest first, and the rest begins with `a`, unless a direction is given. */
export interface Order {
  readonly key: SortKey;
  readonly direction?: 'asc' | 'desc';
}

/** Reads `KEY` or, as PM2 has it, `KEY:asc` and `KEY:desc`; null: it is neither. */
export function parseOrder(text: string): Order | null {
  const [word = '', direction, ...rest] = text.split(':');
  const key = SORT_KEYS.find((known) => known === word);
  if (key === undefined || rest.length > 0) return null;
  if (direction === undefined) return { key };
  return direction === 'asc' || direction === 'desc' ? { key, direction } : null;
}

const LARGEST_FIRST: readonly SortKey[] = ['restarts', 'cpu', 'memory'];

/** What decides, the smaller first; numbers of which the largest is looked for are negative. */
const WEIGHTS: Readonly<Record<Exclude<SortKey, 'name'>, (app: App) => number>> = {
  health: needOf,
  id: ({ status }) => Math.min(...status.instances.map(({ id }) => id)),
  restarts: ({ status }) => -sum(status.instances.map(({ restarts }) => restarts)),
  cpu: ({ status }) => -sum(status.instances.map(({ cpuPercent }) => cpuPercent ?? 0)),
  memory: ({ status }) => -sum(status.instances.map(({ memoryBytes }) => memoryBytes ?? 0)),
  // The newest process first.
  uptime: ({ status }) => -Math.max(...status.instances.map(({ pid, startedAt }) => startOf(pid, startedAt))),
};

const DOES_NOT_WORK: readonly HealthStatus[] = ['Failed', 'CrashLoop', 'Missing', 'Degraded'];
const ON_ITS_WAY: readonly HealthStatus[] = ['Progressing', 'Suspended'];

/** Apps in this order, and by project and name where it says nothing. */
export function sortApps(apps: readonly App[], { key, direction }: Order): readonly App[] {
  const weigh = key === 'name' ? () => 0 : WEIGHTS[key];
  const weights = new Map(apps.map((app) => [app, weigh(app)]));
  const isTurned = direction === (LARGEST_FIRST.includes(key) ? 'asc' : 'desc');
  const turn = isTurned ? -1 : 1;
  return apps.toSorted(
    (a, b) =>
      turn * compare(weights.get(a) ?? 0, weights.get(b) ?? 0) ||
      (key === 'name' ? turn : 1) * compare(nameOf(a), nameOf(b)),
  );
}

/** Whether somebody should look at an app: it does not work, is on its way, has lost a promise, has drifted, or is not as declared. */
export function needsAttention(app: App): boolean {
  return needOf(app) < AT_EASE || app.status.sync !== 'Synced';
}

const AT_EASE = 4;

/** Who needs somebody to look: what does not work, then what is on its way, then what has lost a promise, and what has drifted. */
function needOf({ status: { health, problems, drift } }: App): number {
  if (DOES_NOT_WORK.includes(health)) return 0;
  if (ON_ITS_WAY.includes(health)) return 1;
  if (problems !== undefined) return 2;
  return drift === undefined ? AT_EASE : 3;
}

function nameOf({ project, name }: App): string {
  return `${project}/${name}`;
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function startOf(pid: number | null, startedAt: string | null): number {
  return pid === null || startedAt === null ? -Infinity : Date.parse(startedAt);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
