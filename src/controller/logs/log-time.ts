import { isObject } from '../../lib/checks.ts';

/** How the lines of a file say when they were written, as the app's spec has it. */
export interface LineTimes {
  /** One JSON record a line, with a `timestamp`. */
  readonly json: boolean;
  /** dayjs tokens of the prefix, or of the timestamp; null: no prefix, or RFC 3339. */
  readonly dateFormat: string | null;
}

/** Epoch milliseconds of a line; undefined for one that says nothing (the rest of a stack trace). */
export type LineClock = (line: string) => number | undefined;

type Field = 'year' | 'month' | 'day' | 'hour' | 'half' | 'minute' | 'second' | 'ms' | 'offset';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TOKEN = /\[([^\]]*)\]|YYYY|YY|M{1,4}|D{1,2}|d{1,4}|H{1,2}|h{1,2}|A|a|m{1,2}|s{1,2}|SSS|ZZ|Z/g;
const SPECIAL = /[.*+?^${}()|[\]\\/]/g;

/** What each token looks like in a file; no field: it is skipped over. */
const PATTERNS: ReadonlyMap<string, readonly [pattern: string, field: Field | null]> = new Map([
  ['YYYY', ['\\d{4}', 'year']],
  ['YY', ['\\d\\d', 'year']],
  ['M', ['\\d{1,2}', 'month']],
  ['MM', ['\\d\\d', 'month']],
  ['MMM', ['[A-Za-z]{3}', 'month']],
  ['MMMM', ['[A-Za-z]{3,9}', 'month']],
  ['D', ['\\d{1,2}', 'day']],
  ['DD', ['\\d\\d', 'day']],
  ['d', ['\\d', null]],
  ['dd', ['[A-Za-z]{2}', null]],
  ['ddd', ['[A-Za-z]{3}', null]],
  ['dddd', ['[A-Za-z]{6,9}', null]],
  ['H', ['\\d{1,2}', 'hour']],
  ['HH', ['\\d\\d', 'hour']],
  ['h', ['\\d{1,2}', 'hour']],
  ['hh', ['\\d\\d', 'hour']],
  ['A', ['[AP]M', 'half']],
  ['a', ['[ap]m', 'half']],
  ['m', ['\\d{1,2}', 'minute']],
  ['mm', ['\\d\\d', 'minute']],
  ['s', ['\\d{1,2}', 'second']],
  ['ss', ['\\d\\d', 'second']],
  ['SSS', ['\\d{3}', 'ms']],
  ['Z', ['[+-]\\d\\d:\\d\\d', 'offset']],
  ['ZZ', ['[+-]\\d{4}', 'offset']],
]);

/** Reads the times of a file's lines; null when its lines do not say on which day they were written. */
export function lineClock({ json, dateFormat }: LineTimes): LineClock | null {
  const prefix = dateFormat === null ? null : dateReader(dateFormat);
  if (!json) return prefix;
  if (dateFormat !== null && prefix === null) return null;
  return (line) => {
    const timestamp = timestampOf(line);
    if (timestamp === undefined) return undefined;
    const time = prefix?.(timestamp) ?? Date.parse(timestamp);
    return Number.isNaN(time) ? undefined : time;
  };
}

function timestampOf(line: string): string | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isObject(record) && typeof record.timestamp === 'string' ? record.timestamp : undefined;
  } catch {
    return undefined;
  }
}

/** Compiles a format to a reader of the text it writes, at the beginning of a line. Local time unless it has an offset. */
function dateReader(format: string): LineClock | null {
  let pattern = '^';
  let end = 0;
  const fields: Field[] = [];
  for (const match of format.matchAll(TOKEN)) {
    pattern += literal(format.slice(end, match.index));
    end = match.index + match[0].length;
    const token = PATTERNS.get(match[0]);
    if (token === undefined) pattern += literal(match[1] ?? match[0]);
    else if (token[1] === null) pattern += token[0];
    else {
      pattern += `(${token[0]})`;
      fields.push(token[1]);
    }
  }
  const hasDay = fields.includes('year') && fields.includes('month') && fields.includes('day');
  if (!hasDay) return null;
  const compiled = new RegExp(pattern + literal(format.slice(end)));
  return (line) => {
    const match = compiled.exec(line);
    if (match === null) return undefined;
    return epochOf(new Map(fields.map((field, index) => [field, match[index + 1] ?? ''])));
  };
}

function literal(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

function epochOf(fields: ReadonlyMap<Field, string>): number | undefined {
  const number = (field: Field): number => Number(fields.get(field) ?? 0);
  const year = number('year') < 100 ? 2000 + number('year') : number('year');
  const half = fields.get('half')?.toLowerCase();
  const hour = half === undefined ? number('hour') : (number('hour') % 12) + (half === 'pm' ? 12 : 0);
  const month = monthOf(fields.get('month') ?? '');
  const parts = [year, month, number('day'), hour, number('minute'), number('second'), number('ms')] as const;
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(fields.get('offset') ?? '');
  if (offset === null) return orUndefined(new Date(...parts).getTime());
  const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  return orUndefined(Date.UTC(...parts) - minutes * 60_000);
}

/** 0 to 11. */
function monthOf(text: string): number {
  return /^\d/.test(text) ? Number(text) - 1 : MONTHS.indexOf(text.slice(0, 3).toLowerCase());
}

function orUndefined(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
