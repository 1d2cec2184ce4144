import type { Clock } from '../../lib/clocks/clock.ts';
import { lineTag } from '../../lib/lines/tagged-line.ts';
import { dateFormatter, type DateFormatter } from '../../lib/lines/date-format.ts';
import type { StreamName } from '../protocol/reports.ts';
import type { InstanceLabels, LogSettings } from '../protocol/orders.ts';

const NEWLINE = 10;
const NEWLINE_BYTE = Buffer.from('\n');

/**
 * Turns whole lines (or one piece of an overlong line, without its end) into the bytes for the file. `emit` gets bytes
 * that are valid during its call only, whole lines at a time.
 */
export type LineFormat = (bytes: Buffer, emit: (bytes: Buffer) => void) => void;

export interface FormatContext {
  readonly stream: StreamName;
  readonly labels: InstanceLabels;
  readonly clock: Clock;
  /** Room to build lines in, shared by every format: each fills and hands it out within one call. */
  readonly scratch: Buffer;
}

export function lineFormat(settings: LogSettings, context: FormatContext): LineFormat {
  if (settings.json) return jsonFormat(settings.dateFormat, context);
  const mark = hookMark(context.labels);
  if (settings.dateFormat !== null) return datedFormat(dateFormatter(settings.dateFormat), mark, context);
  if (mark !== '') return prefixedFormat(() => mark, context);
  // As they came, byte for byte; even a line that is too long is not broken.
  return (bytes, emit) => emit(bytes);
}

/** Each line behind where it is from, for `stateward run`, whatever form it has in files. */
export function taggedFormat({ clock, labels, scratch, ...from }: FormatContext): LineFormat {
  const stream = from.stream === 'out' ? 'out' : 'err';
  const { project, app } = labels;
  const tag = { stream, slot: slotOfLines(labels), app: `${project}/${app}` } as const;
  const mark = hookMark(labels);
  return prefixedFormat((at) => `${lineTag({ at, ...tag })}${mark}`, { clock, scratch });
}

function datedFormat(format: DateFormatter, mark: string, context: FormatContext): LineFormat {
  return prefixedFormat((at) => `${format(at)}: ${mark}`, context);
}

/** What stands in front of each line of a hook, which goes to the log of its app. */
function hookMark({ hook }: InstanceLabels): string {
  return hook === undefined ? '' : `[${hook.name}] `;
}

/** The slot that lines are said to be of: a hook is in none, and its lines stand with those of its instance. */
export function slotOfLines({ slot, hook }: InstanceLabels): number {
  return hook === undefined ? slot : (hook.slot ?? 0);
}

function prefixedFormat(
  prefixAt: (at: number) => string,
  { clock, scratch }: Pick<FormatContext, 'clock' | 'scratch'>,
): LineFormat {
  let lastText = '';
  let prefix = Buffer.alloc(0);
  return (bytes, emit) => {
    const text = prefixAt(clock.now());
    if (text !== lastText) {
      lastText = text;
      prefix = Buffer.from(text);
    }
    let used = 0;
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      const needed = prefix.length + end - start + 1;
      if (used + needed > scratch.length) {
        emit(scratch.subarray(0, used));
        used = 0;
      }
      scratch.set(prefix, used);
      bytes.copy(scratch, used + prefix.length, start, end);
      used += needed;
      scratch[used - 1] = NEWLINE;
      start = end + 1;
    }
    if (used > 0) emit(scratch.subarray(0, used));
  };
}

/** PM2's record; `process_id` is the slot, since numeric ids are not known here. */
function jsonFormat(dateFormat: string | null, { clock, labels, stream }: FormatContext): LineFormat {
  const format: DateFormatter =
    dateFormat === null ? (at) => new Date(at).toISOString() : dateFormatter(dateFormat);
  const type = stream === 'out' ? 'out' : 'err';
  const slot = slotOfLines(labels);
  const hook = labels.hook === undefined ? {} : { hook: labels.hook.name };
  return (bytes, emit) => {
    const timestamp = format(clock.now());
    const text = bytes.toString('utf8', 0, bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length);
    const records = text
      .split('\n')
      .map((message) =>
        JSON.stringify({ message, timestamp, type, process_id: slot, app_name: labels.app, ...hook }),
      );
    emit(Buffer.from(`${records.join('\n')}\n`));
  };
}

/** What stands in a file where lines are missing. */
export function dropMarker(lines: number, json: boolean, at: number): Buffer {
  const message = `[stateward: ${lines} lines dropped]`;
  if (!json) return Buffer.concat([Buffer.from(message), NEWLINE_BYTE]);
  return Buffer.from(`${JSON.stringify({ message, timestamp: new Date(at).toISOString(), type: 'err' })}\n`);
}
