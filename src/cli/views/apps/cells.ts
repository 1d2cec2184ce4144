import type { App, InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { HealthStatus, SyncStatus } from '../../../plan/model/health.ts';
import type { Style } from '../text/terminal.ts';
import { formatAge, formatCpu, formatMemory } from '../text/quantities.ts';
import type { Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

/** What the cells of a table are made with. */
export interface CellOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
}

export function syncCell(sync: SyncStatus, style: Style): Cell {
  return { text: sync, paint: sync === 'Synced' ? style.green : style.yellow };
}

export function healthCell(health: HealthStatus, style: Style): Cell {
  switch (health) {
    case 'Healthy':
    case 'Completed':
      return { text: health, paint: style.green };
    case 'Progressing':
    case 'Degraded':
      return { text: health, paint: style.yellow };
    case 'CrashLoop':
    case 'Failed':
    case 'Missing':
      return { text: health, paint: style.red };
    case 'Stopped':
    case 'Suspended':
      return { text: health, paint: style.dim };
    default:
      // A newer daemon may know more states than this command.
      return { text: String(health) };
  }
}

/** `3 (2m ago)`: how many restarts that nobody asked for, and when the newest was. */
export function restartsCell(instances: readonly InstanceStatus[], nowMs: number): Cell {
  const restarts = instances.reduce((sum, instance) => sum + instance.restarts, 0);
  const times = instances.flatMap(({ lastRestartAt }) => (lastRestartAt == null ? [] : [lastRestartAt]));
  if (restarts === 0 || times.length === 0) return { text: String(restarts) };
  const newest = Math.max(...times.map((at) => Date.parse(at)));
  return { text: `${restarts} (${formatAge(nowMs - newest)} ago)` };
}

/** The restarts by reason, the most frequent first: `3 Exited, 1 MemoryLimit`; empty: none is counted. */
export function restartReasons(instances: readonly InstanceStatus[]): string {
  const sums = new Map<string, number>();
  for (const { restartsByReason = {} } of instances) {
    for (const [reason, times] of Object.entries(restartsByReason)) {
      sums.set(reason, (sums.get(reason) ?? 0) + times);
    }
  }
  return [...sums]
    .sort(([a, times], [b, more]) => more - times || (a < b ? -1 : 1))
    .map(([reason, times]) => `${times} ${reason}`)
    .join(', ');
}

/** How long the newest of the processes has been up; `-`: none is. */
export function uptimeCell(instances: readonly InstanceStatus[], nowMs: number): Cell {
  // Elsewhere than on this host, what runs has no number here.
  const starts = instances.flatMap(({ pid, state, startedAt }) =>
    (pid === null && state !== 'running') || startedAt === null ? [] : [Date.parse(startedAt)],
  );
  return { text: starts.length === 0 ? '-' : formatAge(nowMs - Math.max(...starts)) };
}

export function ageCell({ createdAt }: Pick<App, 'createdAt'>, nowMs: number): Cell {
  return { text: formatAge(nowMs - Date.parse(createdAt)) };
}

export function cpuCell(instances: readonly InstanceStatus[]): Cell {
  return { text: sumOf(instances, ({ cpuPercent }) => cpuPercent, formatCpu) };
}

export function memoryCell(instances: readonly InstanceStatus[]): Cell {
  return { text: sumOf(instances, ({ memoryBytes }) => memoryBytes, formatMemory) };
}

/** `0`, `0-3`, `0-1,5`: ids in ascending order with runs joined; `-` for none. */
export function formatIds(ids: readonly number[]): string {
  const sorted = ids.toSorted((a, b) => a - b);
  const parts: string[] = [];
  let first: number | null = null;
  sorted.forEach((id, index) => {
    first ??= id;
    if (sorted[index + 1] === id + 1) return;
    parts.push(first === id ? String(id) : `${first}-${id}`);
    first = null;
  });
  return parts.length === 0 ? '-' : parts.join(',');
}

/** The sum of the samples; `-` while there are none. */
function sumOf(
  instances: readonly InstanceStatus[],
  read: (instance: InstanceStatus) => number | null,
  format: (value: number) => string,
): string {
  const values = instances.map(read).filter((value) => value !== null);
  return values.length === 0 ? '-' : format(values.reduce((sum, value) => sum + value, 0));
}

export function textCell(value: string | number | null | undefined): Cell {
  return { text: value === null || value === undefined ? '-' : String(value) };
}

/** Which labels a table shows. */
export interface LabelColumns {
  /** All of them, in one column. */
  readonly all: boolean;
  /** A column for each of these. */
  readonly keys: readonly string[];
}

/** The columns as kubectl has them: `tier` is TIER, `example.com/tier` too; all labels are `a=1,b=2`. */
export function labelColumns({ all, keys }: LabelColumns): readonly {
  readonly header: string;
  readonly cell: (app: App) => Cell;
}[] {
  const ofKeys = keys.map((key) => ({
    header: key.slice(key.lastIndexOf('/') + 1).toUpperCase(),
    cell: (app: App) => textCell(shown(labelsOf(app)[key])),
  }));
  return all ? [...ofKeys, { header: 'LABELS', cell: (app) => textCell(shown(allLabels(app))) }] : ofKeys;
}

function labelsOf({ labels = {} }: App): Readonly<Record<string, string | undefined>> {
  return labels;
}

function allLabels(app: App): string {
  return Object.entries(labelsOf(app))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value ?? ''}`)
    .join(',');
}

function shown(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : escapeControls(text, false);
}

/**
 * The ports of a process in a table: what it listens on, by the name that it declares, and what it declares and does not
 * listen on, and the Unix sockets that it was given. null: nothing is known.
 */
export function portText({ ports, declaredPorts = [], sockets = [], ready }: InstanceStatus): string | null {
  const paths = sockets.filter((address) => address.startsWith('/'));
  const named = new Map(
    declaredPorts.flatMap(({ name, port, protocol }) =>
      port === null || protocol === 'udp' ? [] : [[port, shownName(name, port)] as const],
    ),
  );
  // Whether somebody takes packets is looked up by the controller alone, which has a condition for it.
  const packets = declaredPorts.flatMap(({ name, port, protocol }) =>
    port === null || protocol !== 'udp' ? [] : [`${shownName(name, port)}/udp`],
  );
  if (ports === undefined) return [...named.values(), ...packets, ...paths].join(',') || null;
  const open = ports.map((port) => named.get(port) ?? String(port));
  const closed = [...named]
    .filter(([port]) => ready && !ports.includes(port))
    .map(([, text]) => `${text} (not open)`);
  return [...open, ...closed, ...packets, ...paths].join(',') || null;
}

/** `port: 3000` has a name that nobody has given it. */
function shownName(name: string, port: number): string {
  return name === 'main' ? String(port) : `${name}:${port}`;
}
