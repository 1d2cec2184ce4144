import type { App, AppList } from '../../../api/contract/wire/apps.ts';
import { daemonTroubleLines } from '../daemon/daemon-trouble.ts';
import { renderTable } from '../text/table.ts';
import type { Cell } from '../text/table.ts';
import { cutTo, displayWidth, escapeControls } from '../text/text.ts';
import { driftLine, unsaidDrift } from '../drift/drift-text.ts';
import {
  cpuCell,
  formatIds,
  healthCell,
  labelColumns,
  memoryCell,
  restartsCell,
  syncCell,
  textCell,
  uptimeCell,
  type CellOptions,
  type LabelColumns,
} from './cells.ts';
import {
  DRIFT_HEADER,
  driftCell,
  saysColumn,
  SOURCE_HEADER,
  sourceCell,
  WIDE_HEADERS,
  wideRows,
} from './wide-table.ts';

export interface AppTableOptions extends CellOptions {
  /** For programs: the same columns whatever is in them, and no lines around the table. */
  readonly noHeaders: boolean;
  /** One line an instance instead of one line an app. */
  readonly wide: boolean;
  /** Whatever is in them, SYNC and WHY are there: for rows that are printed one after the other. Absent: false. */
  readonly allColumns?: boolean;
  /** Absent: none. */
  readonly labels?: LabelColumns;
  /** Columns of the terminal, which lines are cut to; absent: they are not cut. */
  readonly columns?: number | undefined;
}

/**
 * The table of `get`, in the order of the list. SYNC is there where something is not synced, and WHY where something is
 * not healthy. Without apps it is what of the daemon
 * itself is wrong: the caller says on stderr that there are none.
 */
export function renderApps(list: AppList, options: AppTableOptions): string {
  if (list.items.length === 0) return options.noHeaders ? '' : ofDaemon(list, options);
  const names = shortNames(list.items);
  const labels = labelColumns(options.labels ?? { all: false, keys: [] });
  if (options.wide) {
    const says = saysColumn(list.items, options.noHeaders);
    const hasSource = options.noHeaders || list.items.some(({ source }) => source !== undefined);
    const hasDrift = options.noHeaders || list.items.some(({ status }) => status.drift !== undefined);
    const rows = list.items.flatMap((app) =>
      wideRows(app, { ...options, says }).map((row) => [
        ...row,
        ...(hasSource ? [sourceCell(app)] : []),
        ...(hasDrift ? [driftCell(app)] : []),
        ...labels.map(({ cell }) => cell(app)),
      ]),
    );
    const headers = [
      ...WIDE_HEADERS,
      ...(says ? ['SAYS'] : []),
      ...(hasSource ? [SOURCE_HEADER] : []),
      ...(hasDrift ? [DRIFT_HEADER] : []),
      ...labels.map(({ header }) => header),
    ];
    return renderTable(options.noHeaders ? null : headers, rows) + linesBelow(list, names, options);
  }
  const ofLabels = labels.map(({ header, cell }): Column => ({ header, cell: ({ app }) => cell(app) }));
  const shown = [...COLUMNS, ...ofLabels].filter(({ isShown }) => isShown?.(list.items, options) ?? true);
  const headers = shown.map(({ header }) => header);
  const rows = list.items.map((app, index) =>
    shown.map(({ cell }) => cell({ app, name: names[index] ?? app.name }, options)),
  );
  const room = roomForWhy(list, { headers, rows }, options);
  const isColumn = room >= LEAST_WHY;
  if (isColumn) addWhy(list, { headers, rows }, room, options);
  const table = renderTable(options.noHeaders ? null : headers, rows);
  const below = room > 0 && !isColumn ? whyLines(list, names, options) : '';
  return table + below + linesBelow(list, names, options);
}

interface Column {
  readonly header: string;
  readonly cell: (row: { readonly app: App; readonly name: string }, options: AppTableOptions) => Cell;
  /** Absent: always. */
  readonly isShown?: (apps: readonly App[], options: AppTableOptions) => boolean;
}

const COLUMNS: readonly Column[] = [
  { header: 'ID', cell: ({ app }) => ({ text: formatIds(slotsOf(app).map(({ id }) => id)) }) },
  { header: 'NAME', cell: ({ name }, { style }) => ({ text: name, paint: style.bold }) },
  {
    header: 'SYNC',
    cell: ({ app }, { style }) => syncCell(app.status.sync, style),
    isShown: (apps, { noHeaders, allColumns = false }) =>
      noHeaders || allColumns || apps.some(({ status }) => status.sync !== 'Synced'),
  },
  { header: 'HEALTH', cell: ({ app }, { style }) => healthCell(app.status.health, style) },
  {
    header: 'READY',
    cell: ({ app }) => textCell(`${app.status.readyInstances}/${app.status.desiredInstances}`),
  },
  { header: 'RESTARTS', cell: ({ app }, { nowMs }) => restartsCell(slotsOf(app), nowMs) },
  { header: 'CPU', cell: ({ app }) => cpuCell(app.status.instances) },
  { header: 'MEM', cell: ({ app }) => memoryCell(app.status.instances) },
  { header: 'UPTIME', cell: ({ app }, { nowMs }) => uptimeCell(app.status.instances, nowMs) },
];

/** An old process and its successor share the slot, and so its id and its counts. */
function slotsOf({ status }: App): App['status']['instances'] {
  return [...new Map(status.instances.map((instance) => [instance.slot, instance])).values()];
}

/** A column WHY that is narrower says too little: on a narrow terminal there are lines below the table instead. */
const LEAST_WHY = 24;
const GAP = 2;

interface Table {
  readonly headers: string[];
  readonly rows: Cell[][];
}

/** How wide a last column can be that says why; 0: nothing is to be said. */
function roomForWhy(
  { items }: AppList,
  { headers, rows }: Table,
  { noHeaders, allColumns = false, columns }: AppTableOptions,
): number {
  if (noHeaders || (!allColumns && items.every(({ status }) => status.why === undefined))) return 0;
  const taken = headers.map((header, column) =>
    Math.max(...[header, ...rows.map((row) => row[column]?.text ?? '')].map(displayWidth)),
  );
  return Math.max(1, (columns ?? Infinity) - taken.reduce((sum, width) => sum + width + GAP, 0));
}

function addWhy(
  { items }: AppList,
  { headers, rows }: Table,
  room: number,
  { style }: AppTableOptions,
): void {
  headers.push('WHY');
  for (const [index, row] of rows.entries())
    row.push({ text: cutTo(whyOf(items[index]), room), paint: style.dim });
}

function whyLines({ items }: AppList, names: readonly string[], { columns, style }: AppTableOptions): string {
  const lines = items.flatMap((app, index) =>
    app.status.why === undefined ? [] : [`${names[index] ?? app.name}: ${whyOf(app)}`],
  );
  return lines.map((line) => `${style.dim(cutTo(line, columns ?? Infinity))}\n`).join('');
}

function whyOf(app: App | undefined): string {
  return escapeControls(app?.status.why ?? '', false);
}

/** What a table of one line an app has no room for; without headers it is for programs, which read JSON for more. */
function linesBelow(list: AppList, names: readonly string[], options: AppTableOptions): string {
  if (options.noHeaders) return '';
  const ofApps = problemLines(list, names, options) + driftLines(list, names, options);
  return ofApps + ofDaemon(list, options);
}

/** What of the daemon itself is not as it should be, whatever apps there are. */
function ofDaemon(list: AppList, { style }: AppTableOptions): string {
  return daemonTroubleLines(list)
    .map((line) => `${style.yellow('!')} ${line}\n`)
    .join('');
}

/** A line for each promise that is lost, and one for all who have lost it alike. */
function problemLines({ items }: AppList, names: readonly string[], { style }: AppTableOptions): string {
  const told = new Map<string, string[]>();
  for (const [index, { name, status }] of items.entries()) {
    for (const { reason, message } of status.problems ?? []) {
      const text = `${escapeControls(message, false)} (${reason})`;
      told.set(text, [...(told.get(text) ?? []), names[index] ?? name]);
    }
  }
  return [...told].map(([text, apps]) => `${style.yellow('!')} ${whose(apps)}: ${text}\n`).join('');
}

/** The same of drift, where no problem says it. */
function driftLines({ items }: AppList, names: readonly string[], { style }: AppTableOptions): string {
  const told = new Map<string, string[]>();
  for (const [index, { name, status }] of items.entries()) {
    for (const drift of unsaidDrift(status)) {
      const text = driftLine(drift);
      told.set(text, [...(told.get(text) ?? []), names[index] ?? name]);
    }
  }
  return [...told].map(([text, apps]) => `${style.yellow('~')} ${whose(apps)}: ${text}\n`).join('');
}

/** Apps that are named where several have one problem; more are counted. */
const NAMED = 4;

function whose(names: readonly string[]): string {
  return names.length <= NAMED ? names.join(', ') : `${names.length} apps`;
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
