import type { App, AppList, InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { HealthStatus, SyncStatus } from '../../../plan/model/health.ts';
import type { Style } from '../text/terminal.ts';
import { codeText } from './code-text.ts';
import { formatAge, formatCpu, formatMemory } from '../text/quantities.ts';
import { renderTable } from '../text/table.ts';
import type { Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

const HEADERS = ['ID', 'NAME', 'SYNC', 'HEALTH', 'READY', 'RESTARTS', 'CPU', 'MEM', 'AGE'] as const;
const WIDE_HEADERS = [
  ...['ID', 'PROJECT', 'NAME', 'SLOT', 'PID', 'STATE', 'SYNC', 'HEALTH'],
  ...['READY', 'RESTARTS', 'CPU', 'MEM', 'AGE', 'CODE', 'REVISION'],
] as const;

export interface AppTableOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  readonly noHeaders: boolean;
  /** One line an instance instead of one line an app. */
  readonly wide: boolean;
}

/** The table of `get`. Empty for an empty list: the caller says so on stderr. */
export function renderApps(list: AppList, options: AppTableOptions): string {
  if (list.items.length === 0) return '';
  const names = shortNames(list.items);
  if (options.wide) {
    const rows = list.items.flatMap((app) => wideRows(app, options));
    return renderTable(options.noHeaders ? null : WIDE_HEADERS, rows) + problemLines(list, names, options);
  }
  const rows = list.items.map((app, index) => appRow(app, names[index] ?? app.name, options));
  return renderTable(options.noHeaders ? null : HEADERS, rows) + problemLines(list, names, options);
}

/** A line for each promise that is lost; without headers the table is for programs, which read JSON for more. */
function problemLines(
  { items }: AppList,
  names: readonly string[],
  { style, noHeaders }: AppTableOptions,
): string {
  if (noHeaders) return '';
  return items
    .flatMap(({ name, status }, index) =>
      (status.problems ?? []).map(
        ({ reason, message }) =>
          `${style.yellow('!')} ${names[index] ?? name}: ${escapeControls(message, false)} (${reason})\n`,
      ),
    )
    .join('');
}

/** `-o name`: `project/name`, one a line, which every command takes as a selector. */
export function renderAppNames(list: AppList): string {
  return list.items.map((app) => `${app.project}/${app.name}\n`).join('');
}

/** The shortest text that means this app alone in this list: its name, or `project/name` where two share a name. */
function shortNames(apps: readonly App[]): readonly string[] {
  const uses = new Map<string, number>();
  for (const { name } of apps) uses.set(name, (uses.get(name) ?? 0) + 1);
  return apps.map(({ project, name }) => (uses.get(name) === 1 ? name : `${project}/${name}`));
}

function appRow(app: App, name: string, { style, nowMs }: AppTableOptions): readonly Cell[] {
  const { status } = app;
  // An old process and its successor share the slot, and so its id and its counts.
  const slots = [...new Map(status.instances.map((instance) => [instance.slot, instance])).values()];
  const restarts = slots.reduce((sum, { restarts }) => sum + restarts, 0);
  return [
    { text: formatIds(slots.map(({ id }) => id)) },
    { text: name, paint: style.bold },
    syncCell(status.sync, style),
    healthCell(status.health, style),
    { text: `${status.readyInstances}/${status.desiredInstances}` },
    { text: String(restarts) },
    { text: sumOf(status.instances, ({ cpuPercent }) => cpuPercent, formatCpu) },
    { text: sumOf(status.instances, ({ memoryBytes }) => memoryBytes, formatMemory) },
    { text: formatAge(nowMs - Date.parse(app.createdAt)) },
  ];
}

function wideRows(app: App, options: AppTableOptions): readonly (readonly Cell[])[] {
  const { instances } = app.status;
  if (instances.length === 0) return [wideRow(app, null, options)];
  return instances.map((instance) => wideRow(app, instance, options));
}

function wideRow(app: App, instance: InstanceStatus | null, options: AppTableOptions): readonly Cell[] {
  const { style, nowMs } = options;
  const { status } = app;
  return [
    { text: textOf(instance?.id) },
    { text: app.project },
    { text: app.name, paint: style.bold },
    { text: textOf(instance?.slot) },
    { text: textOf(instance?.pid) },
    { text: textOf(instance?.state) },
    syncCell(status.sync, style),
    healthCell(status.health, style),
    { text: instance === null ? '-' : instance.ready ? 'yes' : 'no' },
    { text: textOf(instance?.restarts) },
    { text: sumOf(instance === null ? [] : [instance], ({ cpuPercent }) => cpuPercent, formatCpu) },
    { text: sumOf(instance === null ? [] : [instance], ({ memoryBytes }) => memoryBytes, formatMemory) },
    { text: instanceAge(instance, nowMs) },
    { text: codeText(instance?.code) },
    { text: String(instance?.revision ?? status.revision) },
  ];
}

/** How long the process has been up; `-` when it is not. */
function instanceAge(instance: InstanceStatus | null, nowMs: number): string {
  if (instance === null || instance.pid === null || instance.startedAt === null) return '-';
  return formatAge(nowMs - Date.parse(instance.startedAt));
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

function textOf(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '-' : String(value);
}
