import { appKey } from '../../../lib/app-key.ts';
import { wrapped } from '../../help/layout.ts';
import { escapeControls } from '../../views/text/text.ts';
import { visibleApps } from '../model/apps.ts';
import { whyOf } from '../model/rollout.ts';
import type { MonitState } from '../model/state.ts';
import { layOut, type LaidOut, type ListRow } from './columns.ts';
import { logLines } from './log-lines.ts';
import { cell, inverse, rule, type Look } from './paint.ts';

const MARK = 2;
const GAP = '  ';
/** Lines beside the table, why and the log: column heads. */
const AROUND = 1;
/** Why, where it is long and there is room. */
const MOST_WHY = 3;
/** With less than this below the title, the list has no log below it. */
const ROOM_FOR_LOG = 10;
const LEAST_LOG = 3;

/** The list, what is said of the selected app, and the end of its log: exactly `rows` lines. */
export function listLines(state: MonitState, rows: number, look: Look): readonly string[] {
  const { columns } = state.size;
  const apps = visibleApps(state);
  const names = shortNames(state);
  const listed: readonly ListRow[] = apps.map((app) => {
    const key = appKey(app.project, app.name);
    return { app, name: names.get(key) ?? key, history: state.histories.get(key) };
  });
  const all = whyLines(state, look);
  const hasRoom = rows > ROOM_FOR_LOG || rows - AROUND >= listed.length + all.length;
  const why = atMost(hasRoom ? MOST_WHY : 1, all);
  const room = rows - AROUND - why.length;
  const log =
    room < ROOM_FOR_LOG
      ? 0
      : Math.max(LEAST_LOG, room - 1 - Math.max(1, listed.length), Math.floor(room * 0.35));
  const height = log === 0 ? Math.max(0, room) : room - 1 - log;
  const at = Math.max(
    0,
    apps.findIndex(({ project, name }) => appKey(project, name) === state.selected),
  );
  const from = Math.max(0, Math.min(at - Math.floor(height / 2), listed.length - height));
  const laidOut = layOut(listed, columns - MARK);
  const table = listed
    .slice(from, from + height)
    .map((row, index) => rowLine(row, laidOut, from + index === at, state, look));
  if (listed.length === 0) table.push(look.style.dim(`  ${nothing(state)}`));
  while (table.length < height) table.push('');
  const lines = [headLine(laidOut, look), ...table.slice(0, Math.max(0, height)), ...why];
  if (log > 0) {
    const title = state.log.app === null ? 'log' : `log of ${escapeControls(state.log.app, false)}`;
    lines.push(
      rule(title, columns, look),
      ...logLines(state, { rows: log, wrap: false, filter: '', slot: null, back: 0 }, look),
    );
  }
  return lines.slice(0, Math.max(0, rows));
}

function nothing({ apps, filter }: MonitState): string {
  return apps.size === 0
    ? 'nothing is declared yet: stateward apply'
    : `no app matches ${filter} (Esc shows all)`;
}

function headLine(laidOut: readonly LaidOut[], { style }: Look): string {
  const heads = laidOut.map(({ column, width }) => cell(column.header, width, column.align, style.dim));
  return `  ${heads.join(GAP)}`;
}

function rowLine(
  row: ListRow,
  laidOut: readonly LaidOut[],
  isSelected: boolean,
  state: MonitState,
  look: Look,
): string {
  const { style } = look;
  const cells = laidOut.map(({ column, width }) => {
    const text = column.text(row, { nowMs: state.nowMs, width, style });
    return cell(text, width, column.align, column.paint?.(row, style));
  });
  const line = `${isSelected ? '›' : ' '} ${cells.join(GAP)}`;
  if (!isSelected) return line;
  const taken = MARK + laidOut.reduce((sum, { width }) => sum + width, 0) + GAP.length * (laidOut.length - 1);
  return inverse(line + ' '.repeat(Math.max(0, state.size.columns - taken)), style);
}

/** Why the selected app is as it is, and which promises to it are lost. */
function whyLines({ selected, apps, size }: MonitState, { style }: Look): readonly [string, ...string[]] {
  const app = selected === null ? undefined : apps.get(selected);
  if (app === undefined) return [''];
  const { status } = app;
  const said = whyOf(app);
  if (said === null)
    return [
      style.dim(`  ${selected ?? ''} is ${status.health}, ${status.sync}, revision ${status.revision}`),
    ];
  const paint = status.why === undefined || status.health === 'Progressing' ? style.yellow : style.red;
  const [first = '', ...more] = wrapped(
    escapeControls(said, false),
    Math.max(1, size.columns - WHY.length),
    0,
  );
  return [`${paint(WHY)}${first}`, ...more.map((line) => `${' '.repeat(WHY.length)}${line}`)];
}

const WHY = '  why ';

/** What is left over stands on the last line, which is cut. */
function atMost(count: number, lines: readonly string[]): readonly string[] {
  if (lines.length <= count) return lines;
  const rest = lines.slice(count - 1).map((line, at) => (at === 0 ? line : line.trimStart()));
  return [...lines.slice(0, count - 1), rest.join(' ')];
}

/** The shortest text that means each app alone: its name, or with the project where two share one. */
function shortNames({ apps }: MonitState): ReadonlyMap<string, string> {
  const uses = new Map<string, number>();
  for (const { name } of apps.values()) uses.set(name, (uses.get(name) ?? 0) + 1);
  return new Map([...apps].map(([key, { name }]) => [key, uses.get(name) === 1 ? name : key]));
}
