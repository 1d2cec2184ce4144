import type { LogLine } from '../../../api/contract/wire/logs.ts';
import { inColorOf } from '../../logs/app-color.ts';
import { highlight } from '../../logs/highlight.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls, padEnd } from '../text/text.ts';

export interface LogLineOptions {
  readonly style: Style;
  /** Show control characters instead of sending them: a log must not steer the terminal of its reader. */
  readonly escape: boolean;
  /** Writes the time that is put in front; absent: none is. */
  readonly time?: (at: number) => string;
  /** What is marked, where there are colours. */
  readonly marked?: RegExp | null;
  /** Columns that the source takes at least. */
  readonly width?: number;
  /** The text alone, and its time. */
  readonly bare?: boolean;
}

/** `err | line`: a line of an app's output, shown with what happened to the app. */
export function renderOutputLine({ stream, line }: Pick<LogLine, 'stream' | 'line'>): string {
  return `${stream} | ${escapeControls(withoutReturn(line), false)}`;
}

/** `shop/api:0`: which app, and where it has several instances which of them. */
export function sourceOf({ app, slot, instances }: Pick<LogLine, 'app' | 'slot' | 'instances'>): string {
  return slot === null || instances === 1 ? app : `${app}:${slot}`;
}

/** `2026-01-31T12:00:00.000+01:00 shop/api:0 err | line`: standard error is marked, by words as by colours. */
export function renderLogLine(line: LogLine, options: LogLineOptions): string {
  const { style, escape, time, marked = null, width = 0 } = options;
  const shown = escape ? escapeControls(withoutReturn(line.line), style.enabled) : line.line;
  const text = marked !== null && style.enabled ? highlight(shown, marked) : shown;
  const at = time === undefined ? '' : `${style.dim(timeText(line.time, time))} `;
  if (options.bare === true) return `${at}${text}\n`;
  const source = inColorOf(line.app, padEnd(sourceOf(line), width), style);
  return line.stream === 'err'
    ? `${at}${source} ${style.red('err |')} ${text}\n`
    : `${at}${source} ${width > 0 ? '    ' : ''}${style.dim('|')} ${text}\n`;
}

function timeText(at: string | null | undefined, write: (at: number) => string): string {
  const time = Date.parse(at ?? '');
  return Number.isNaN(time) ? '-' : write(time);
}

/** Drops the CR of a line that ends with CR LF, which would move the cursor. */
function withoutReturn(line: string): string {
  return line.replace(/\r$/, '');
}
