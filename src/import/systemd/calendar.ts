import { cronProblem } from '../../spec/cron-text.ts';

/** A schedule of cron, and the time zone that stood behind it. */
export interface CronSchedule {
  readonly cron: string;
  readonly zone: string | null;
}

const NAMED: Readonly<Record<string, string>> = {
  minutely: '* * * * *',
  hourly: '0 * * * *',
  daily: '0 0 * * *',
  weekly: '0 0 * * 1',
  monthly: '0 0 1 * *',
  quarterly: '0 0 1 1,4,7,10 *',
  semiannually: '0 0 1 1,7 *',
  yearly: '0 0 1 1 *',
  annually: '0 0 1 1 *',
};
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FORM =
  /^(?:([A-Za-z][A-Za-z.,]*)\s+)?(?:(\*|\d{4})-([^-\s]+)-([^-\s]+)\s*)?(?:([^\s:]+):([^\s:]+)(?::([^\s:]+))?)?(?:\s+(UTC|[A-Z][A-Za-z_]+\/[A-Za-z_/]+))?$/;

/** `OnCalendar=` as cron says it; null: cron cannot say exactly the same. */
export function cronOf(text: string): CronSchedule | null {
  const trimmed = text.trim();
  const named = /^([a-z]+)(?:\s+(UTC|[A-Z][A-Za-z_]+\/[A-Za-z_/]+))?$/.exec(trimmed);
  const plain = Object.hasOwn(NAMED, named?.[1] ?? '') ? NAMED[named?.[1] ?? ''] : undefined;
  if (plain !== undefined) return { cron: plain, zone: named?.[2] ?? null };
  const match = FORM.exec(trimmed);
  if (match === null || trimmed === '') return null;
  const [, days, year = '*', month = '*', day = '*', hour, minute, second = '00', zone = null] = match;
  if (year !== '*' || (days === undefined && match[2] === undefined && hour === undefined)) return null;
  const week = days === undefined ? '*' : weekOf(days);
  // Cron takes either of a day of the month and a day of the week, systemd both.
  if (week === null || (week !== '*' && day !== '*')) return null;
  const fields = [second, minute ?? '00', hour ?? '00', day, month].map((field, index) =>
    fieldOf(field, index >= 3 ? 1 : 0),
  );
  if (fields.includes(null)) return null;
  const [seconds, ...rest] = fields;
  const cron = [...(seconds === '0' ? [] : [seconds]), ...rest, week].join(' ');
  return cronProblem(cron) === null ? { cron, zone } : null;
}

/** A list of values, ranges (`1..5`) and steps (`0/15`). */
function fieldOf(text: string, first: number): string | null {
  const items = text.split(',').map((item) => {
    const step = /^(\*|\d+)\/(\d+)$/.exec(item);
    if (step !== null)
      return step[1] === '*' || Number(step[1]) === first
        ? `*/${Number(step[2])}`
        : `${Number(step[1])}/${Number(step[2])}`;
    const range = /^(\d+)\.\.(\d+)$/.exec(item);
    if (range !== null) return `${Number(range[1])}-${Number(range[2])}`;
    if (item === '*') return '*';
    return /^\d+$/.test(item) ? String(Number(item)) : null;
  });
  return items.includes(null) ? null : items.join(',');
}

function weekOf(text: string): string | null {
  const numberOf = (name: string): number => DAYS.indexOf(name.slice(0, 3).toLowerCase());
  const items = text.split(',').map((item) => {
    const [from = '', to] = item.split('..');
    const [low, high] = [numberOf(from), to === undefined ? numberOf(from) : numberOf(to)];
    if (low === -1 || high === -1) return null;
    // Sunday ends a week here.
    const end = high === 0 ? 7 : high;
    if (to === undefined) return String(low);
    return low <= end ? `${low}-${end}` : null;
  });
  return items.includes(null) ? null : items.join(',');
}
