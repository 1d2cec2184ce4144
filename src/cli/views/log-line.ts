import type { LogLine } from '../../api/wire.ts';
import type { Style } from '../terminal.ts';
import { escapeControls } from './text.ts';

export interface LogLineOptions {
  readonly style: Style;
  /** Show control characters instead of sending them: a log must not steer the terminal of its reader. */
  readonly escape: boolean;
}

/** `shop/api:0 | line`, the bar of standard error in red. */
export function renderLogLine(
  { app, slot, stream, line }: LogLine,
  { style, escape }: LogLineOptions,
): string {
  const source = slot === null ? app : `${app}:${slot}`;
  const bar = stream === 'err' ? style.red('|') : style.dim('|');
  // The end of a line that was written with CR LF moves no cursor.
  const shown = escape ? escapeControls(line.replace(/\r$/, ''), style.enabled) : line;
  return `${style.cyan(source)} ${bar} ${shown}\n`;
}
