import type { LogLine } from '../../../api/contract/wire/logs.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

export interface LogLineOptions {
  readonly style: Style;
  /** Show control characters instead of sending them: a log must not steer the terminal of its reader. */
  readonly escape: boolean;
  /** Leave out which app and stream it is of. */
  readonly raw?: boolean;
}

/** `err | line`: a line of an app's output, shown with what happened to the app. */
export function renderOutputLine({ stream, line }: Pick<LogLine, 'stream' | 'line'>): string {
  return `${stream} | ${escapeControls(withoutReturn(line), false)}`;
}

/** `shop/api:0 | line`, the bar of standard error in red. */
export function renderLogLine(
  { app, slot, stream, line }: LogLine,
  { style, escape, raw }: LogLineOptions,
): string {
  const shown = escape ? escapeControls(withoutReturn(line), style.enabled) : line;
  if (raw === true) return `${shown}\n`;
  const source = slot === null ? app : `${app}:${slot}`;
  const bar = stream === 'err' ? style.red('|') : style.dim('|');
  return `${style.cyan(source)} ${bar} ${shown}\n`;
}

/** Drops the CR of a line that ends with CR LF, which would move the cursor. */
function withoutReturn(line: string): string {
  return line.replace(/\r$/, '');
}
