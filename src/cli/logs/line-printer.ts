import type { LogLine, LogSkip } from '../../api/contract/wire/logs.ts';
import { renderLogLine, type LogLineOptions } from '../views/apps/log-line.ts';
import { renderJsonLine } from '../views/json.ts';

/** How lines are printed. */
export type LineForm =
  | ({ readonly kind: 'text' } & LogLineOptions)
  | { readonly kind: 'json' }
  /** As it was written, and nothing else. */
  | { readonly kind: 'raw' }
  /** `key=value`, as PM2's `--format`. */
  | { readonly kind: 'pairs' };

const NEWLINE = Buffer.from('\n');

/** One line as it is printed, with its newline. */
export function printedLine(line: LogLine, form: LineForm): string | Uint8Array {
  switch (form.kind) {
    case 'raw':
      return line.bytes === undefined
        ? `${line.line}\n`
        : Buffer.concat([Buffer.from(line.bytes, 'base64'), NEWLINE]);
    case 'json':
      return renderJsonLine(line);
    case 'pairs': {
      const { time, app, slot, stream } = line;
      return `timestamp=${time ?? '-'} app=${app} id=${slot ?? '-'} type=${stream} message=${line.line}\n`;
    }
    case 'text':
      return renderLogLine(line, form);
  }
}

/** Said where lines are missing. */
export function skippedText({ app, skipped }: Pick<LogSkip, 'app' | 'skipped'>): string {
  const lines =
    skipped === null ? 'lines' : `${skipped.toLocaleString('en-US')} ${skipped === 1 ? 'line' : 'lines'}`;
  return `${app} … ${lines} skipped: the log is rotated away faster than it is read here`;
}
