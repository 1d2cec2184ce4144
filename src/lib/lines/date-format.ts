/** Writes an instant (epoch milliseconds) as text. */
export type DateFormatter = (at: number) => string;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const TOKEN = /\[([^\]]*)\]|YYYY|YY|M{1,4}|D{1,2}|d{1,4}|H{1,2}|h{1,2}|A|a|m{1,2}|s{1,2}|SSS|ZZ|Z/g;

const WRITERS: Readonly<Record<string, (date: Date) => string>> = {
  YYYY: (date) => pad(date.getFullYear(), 4),
  YY: (date) => pad(date.getFullYear() % 100, 2),
  M: (date) => String(date.getMonth() + 1),
  MM: (date) => pad(date.getMonth() + 1, 2),
  MMM: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3),
  MMMM: (date) => MONTHS[date.getMonth()] ?? '',
  D: (date) => String(date.getDate()),
  DD: (date) => pad(date.getDate(), 2),
  d: (date) => String(date.getDay()),
  dd: (date) => (DAYS[date.getDay()] ?? '').slice(0, 2),
  ddd: (date) => (DAYS[date.getDay()] ?? '').slice(0, 3),
  dddd: (date) => DAYS[date.getDay()] ?? '',
  H: (date) => String(date.getHours()),
  HH: (date) => pad(date.getHours(), 2),
  h: (date) => String(twelveHour(date)),
  hh: (date) => pad(twelveHour(date), 2),
  A: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  a: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  m: (date) => String(date.getMinutes()),
  mm: (date) => pad(date.getMinutes(), 2),
  s: (date) => String(date.getSeconds()),
  ss: (date) => pad(date.getSeconds(), 2),
  SSS: (date) => pad(date.getMilliseconds(), 3),
  Z: (date) => offset(date, ':'),
  ZZ: (date) => offset(date, ''),
};

/**
 * Compiles a format in dayjs tokens (`YYYY-MM-DD HH:mm:ss.SSS Z`, `[text]` is taken as it is), in local time. The
 * text is kept for as long as the millisecond is the same: a burst of lines formats it once.
 */
export function dateFormatter(format: string): DateFormatter {
  const parts = compile(format);
  let lastAt = Number.NaN;
  let lastText = '';
  return (at) => {
    if (at !== lastAt) {
      const date = new Date(at);
      lastText = parts.map((part) => (typeof part === 'string' ? part : part(date))).join('');
      lastAt = at;
    }
    return lastText;
  };
}

function compile(format: string): (string | ((date: Date) => string))[] {
  const parts: (string | ((date: Date) => string))[] = [];
  let end = 0;
  for (const match of format.matchAll(TOKEN)) {
    parts.push(format.slice(end, match.index));
    parts.push(match[1] ?? WRITERS[match[0]] ?? match[0]);
    end = match.index + match[0].length;
  }
  parts.push(format.slice(end));
  return parts;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function twelveHour(date: Date): number {
  return date.getHours() % 12 === 0 ? 12 : date.getHours() % 12;
}

function offset(date: Date, separator: string): string {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  const absolute = Math.abs(minutes);
  return `${sign}${pad(Math.floor(absolute / 60), 2)}${separator}${pad(absolute % 60, 2)}`;
}
