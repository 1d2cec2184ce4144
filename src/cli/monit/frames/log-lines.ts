import type { LogLine } from '../../../api/contract/wire/logs.ts';
import { escapeControls } from '../../views/text/text.ts';
import { matcher } from '../model/apps.ts';
import type { MonitState } from '../model/state.ts';
import { wrapped } from '../model/wrapped.ts';
import type { Look } from './paint.ts';

export interface LogView {
  readonly rows: number;
  readonly wrap: boolean;
  /** Only lines that match; empty: all. */
  readonly filter: string;
  /** null: all. */
  readonly slot: number | null;
  /** Lines that are left out at the end. */
  readonly back: number;
}

/** The end of the log that is followed: exactly `rows` lines. */
export function logLines({ log, size }: MonitState, view: LogView, { style }: Look): readonly string[] {
  const { rows, wrap, filter, slot, back } = view;
  const matches = matcher(filter);
  const wanted = log.lines.filter(
    (line) => (slot === null || line.slot === null || line.slot === slot) && matches(line.line),
  );
  const shown = back === 0 ? wanted : wanted.slice(0, Math.max(0, wanted.length - back));
  const lines: string[] = [];
  // From the end, as many as there is room for: a log is long.
  for (let at = shown.length - 1; at >= 0 && lines.length < rows; at -= 1) {
    const line = shown[at];
    if (line === undefined) break;
    const text = lineText(line, slot, style);
    lines.unshift(...(wrap ? wrapped(text, size.columns) : [text]));
  }
  const fitting = lines.slice(-rows);
  if (fitting.length === 0 && rows > 0) {
    const why = log.problem ?? (log.lines.length === 0 ? 'nothing was written yet' : 'no line matches');
    fitting.push(style.dim(`  ${escapeControls(why, false)}`));
  }
  while (fitting.length < rows) fitting.push('');
  return fitting;
}

/** As the app wrote it, its colours too; which slot where there are several. */
function lineText({ slot, stream, line }: LogLine, only: number | null, style: Look['style']): string {
  const bar = stream === 'err' ? style.red('│') : style.dim('│');
  const where = slot === null || only !== null ? '' : style.dim(`${slot} `);
  return `${where}${bar} ${escapeControls(line.replace(/\r$/, ''), true)}`;
}
