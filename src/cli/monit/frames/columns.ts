import type { App } from '../../../api/contract/wire/apps.ts';
import type { HealthStatus } from '../../../plan/model/health.ts';
import { healthCell, restartsCell, syncCell, uptimeCell } from '../../views/apps/cells.ts';
import { formatCpu, formatMemory } from '../../views/text/quantities.ts';
import type { Paint, Style } from '../../views/text/terminal.ts';
import { displayWidth, escapeControls } from '../../views/text/text.ts';
import { largestOf, sumOf } from '../model/apps.ts';
import { hasFailedRollout, whyOf } from '../model/rollout.ts';
import type { History } from '../model/state.ts';
import { cpuSpan, memorySpan, sparkline } from './sparkline.ts';

/** An app as a row of the list. */
export interface ListRow {
  readonly app: App;
  /** The shortest that means it alone. */
  readonly name: string;
  readonly history: History | undefined;
}

/** A column as it is laid out. */
export interface LaidOut {
  readonly column: Column;
  readonly width: number;
}

export interface Column {
  readonly header: string;
  readonly align: 'left' | 'right';
  readonly width: number;
  /** The smaller, the longer it stays on a narrow terminal. */
  readonly rank: number;
  /** What is left over makes it wider, up to this. */
  readonly most?: number;
  readonly text: (row: ListRow, at: CellContext) => string;
  readonly paint?: (row: ListRow, style: Style) => Paint | undefined;
}

export interface CellContext {
  readonly nowMs: number;
  readonly width: number;
  readonly style: Style;
}

/** Beside the word, so that no state is a colour alone. */
const SIGNS: Readonly<Record<HealthStatus, string>> = {
  ...{ Healthy: '●', Completed: '✓', Progressing: '◐', Degraded: '▲', CrashLoop: '✗', Failed: '✗' },
  ...{ Missing: '✗', Stopped: '○', Suspended: '○' },
};

export function signOf(health: HealthStatus): string {
  const signs: Readonly<Partial<Record<string, string>>> = SIGNS;
  return signs[health] ?? '·';
}

const WORRIED = '▲';

/** It works, and yet there is something to know of it. */
function isWorried(app: App): boolean {
  return app.status.health === 'Healthy' && (hasFailedRollout(app) || app.status.problems !== undefined);
}

const NAME: Column = {
  ...{ header: 'NAME', align: 'left', width: 12, most: 36, rank: 0 },
  text: ({ name }) => escapeControls(name, false),
  paint: (_row, style) => style.bold,
};

const SYNC: Column = {
  ...{ header: 'SYNC', align: 'left', width: 9, rank: 6 },
  text: ({ app }) => app.status.sync,
  paint: ({ app }, style) => syncCell(app.status.sync, style).paint,
};

const WHY_LEAST = 24;

const WHY: Column = {
  ...{ header: 'WHY', align: 'left', width: WHY_LEAST, most: 120, rank: 12 },
  text: ({ app }) => escapeControls(whyOf(app) ?? '', false),
  paint: (_row, style) => style.dim,
};

const REST: readonly Column[] = [
  {
    ...{ header: 'HEALTH', align: 'left', width: 13, rank: 1 },
    text: ({ app }) => `${isWorried(app) ? WORRIED : signOf(app.status.health)} ${app.status.health}`,
    paint: ({ app }, style) => (isWorried(app) ? style.yellow : healthCell(app.status.health, style).paint),
  },
  {
    ...{ header: 'READY', align: 'right', width: 5, rank: 2 },
    text: ({ app: { status } }) => `${status.readyInstances}/${status.desiredInstances}`,
  },
  {
    ...{ header: 'RESTARTS', align: 'right', width: 8, most: 14, rank: 5 },
    text: ({ app }, { nowMs, width }) => {
      const slots = new Map(app.status.instances.map((instance) => [instance.slot, instance]));
      const long = restartsCell([...slots.values()], nowMs).text;
      return displayWidth(long) <= width ? long : (long.split(' ')[0] ?? '');
    },
    paint: ({ app }, style) =>
      app.status.instances.some(({ restarts }) => restarts > 0) ? style.yellow : style.dim,
  },
  {
    ...{ header: 'CPU', align: 'right', width: 5, rank: 3 },
    text: ({ app }) =>
      shown(
        sumOf(app, ({ cpuPercent }) => cpuPercent),
        formatCpu,
      ),
  },
  {
    ...{ header: '', align: 'right', width: 8, most: 16, rank: 10 },
    text: ({ history }, { width }) => sparkline(history?.cpu ?? [], width, cpuSpan(history?.cpu ?? [])),
    paint: (_row, style) => style.cyan,
  },
  {
    ...{ header: 'MEM', align: 'right', width: 5, rank: 4 },
    text: ({ app }) =>
      shown(
        sumOf(app, ({ memoryBytes }) => memoryBytes),
        formatMemory,
      ),
  },
  {
    ...{ header: '', align: 'right', width: 8, most: 16, rank: 11 },
    text: ({ history }, { width }) =>
      sparkline(history?.memory ?? [], width, memorySpan(history?.memory ?? [])),
    paint: (_row, style) => style.magenta,
  },
  {
    ...{ header: 'REQ/M', align: 'right', width: 6, rank: 8 },
    text: ({ app }) =>
      shown(
        sumOf(app, ({ figures }) => figures?.requestsPerMinute),
        formatAmount,
      ),
  },
  {
    ...{ header: 'LAG', align: 'right', width: 6, rank: 9 },
    text: ({ app }) =>
      shown(
        largestOf(app, ({ figures }) => figures?.eventLoopLagMaxMs),
        formatLag,
      ),
    paint: ({ app }, style) =>
      (largestOf(app, ({ figures }) => figures?.eventLoopLagMaxMs) ?? 0) >= SLOW_LOOP_MS
        ? style.yellow
        : undefined,
  },
  {
    ...{ header: 'UPTIME', align: 'right', width: 6, rank: 7 },
    text: ({ app }, { nowMs }) => uptimeCell(app.status.instances, nowMs).text,
  },
];

/** A person who waits for an answer begins to notice. */
const SLOW_LOOP_MS = 100;
const GAP = 2;

/** The columns that a list of these apps has on a terminal of this width, and how wide each is. */
export function layOut(rows: readonly ListRow[], room: number): readonly LaidOut[] {
  const isAllSynced = rows.every(({ app }) => app.status.sync === 'Synced');
  const hasWhy = rows.some(({ app }) => whyOf(app) !== null);
  const all = [NAME, ...(isAllSynced ? [] : [SYNC]), ...REST, ...(hasWhy ? [WHY] : [])];
  const named = Math.max(NAME.width, ...rows.map(({ name }) => displayWidth(escapeControls(name, false))));
  const widthOf = (column: Column): number => (column === NAME ? Math.min(named, 16) : column.width);
  const chosen = new Set<Column>();
  let left = room;
  for (const column of all.toSorted((a, b) => a.rank - b.rank)) {
    const taken = widthOf(column) + (chosen.size === 0 ? 0 : GAP);
    // The name stays, however narrow it is: it is cut.
    if (taken > left && column !== NAME) break;
    chosen.add(column);
    left -= taken;
  }
  const wider = (column: Column, most: number): number => {
    const more = Math.max(0, Math.min(left, most - widthOf(column)));
    left -= more;
    return widthOf(column) + more;
  };
  const widths = new Map<Column, number>();
  // A name is worth more than a longer history, and why more than both have left over.
  for (const column of all.filter((one) => chosen.has(one)).toSorted((a, b) => a.rank - b.rank)) {
    const most = column === NAME ? Math.min(named, NAME.most ?? named) : (column.most ?? column.width);
    widths.set(column, wider(column, most));
  }
  return all.flatMap((column) =>
    chosen.has(column) ? [{ column, width: widths.get(column) ?? column.width }] : [],
  );
}

function shown(value: number | null, format: (value: number) => string): string {
  return value === null ? '-' : format(value);
}

/** `0`, `950`, `12.3k`, `1.2M`. */
export function formatAmount(value: number): string {
  if (value < 10_000) return String(Math.round(value));
  return value < 1_000_000 ? `${(value / 1000).toFixed(1)}k` : `${(value / 1_000_000).toFixed(1)}M`;
}

/** `0ms`, `12ms`, `1.5s`. */
export function formatLag(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
}
