/** The fields of a schedule from the right, so that 5 fields leave out the seconds. */
const FIELDS = [
  { name: 'day of week', min: 0, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'], first: 0 },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
    first: 1,
  },
  { name: 'day of month', min: 1, max: 31, names: [], first: 0 },
  { name: 'hour', min: 0, max: 23, names: [], first: 0 },
  { name: 'minute', min: 0, max: 59, names: [], first: 0 },
  { name: 'second', min: 0, max: 59, names: [], first: 0 },
] as const;

const SHORTHANDS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@minutely']);

type CronField = (typeof FIELDS)[number];

/** Why a text is not a schedule, or null: 5 or 6 fields, or `@daily` and its like. */
export function cronProblem(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) {
    return SHORTHANDS.has(trimmed.toLowerCase())
      ? null
      : `${trimmed} is not one of ${[...SHORTHANDS].join(', ')}`;
  }
  const parts = trimmed.split(/\s+/);
  if (parts.length < 5 || parts.length > 6) {
    return `a schedule has 5 or 6 fields, not ${trimmed === '' ? 0 : parts.length}`;
  }
  for (const [index, part] of parts.reverse().entries()) {
    const field = FIELDS[index];
    if (field === undefined) break;
    const bad = part.split(',').find((item) => !isItem(item, field));
    if (bad !== undefined) {
      return `${JSON.stringify(bad)} is not a ${field.name} (${field.min} to ${field.max}, *, a range or a step)`;
    }
    const clash = listProblem(part.split(','), field);
    if (clash !== null) return clash;
  }
  const [, month = '', day = ''] = parts;
  return isNoDay(day, month) ? `no month of ${month} has a day ${day}` : null;
}

/** What an item that is fine alone is not within its list; null: nothing. */
function listProblem(items: readonly string[], field: CronField): string | null {
  if (field.name === 'day of week' && items.some((item) => /^L$/i.test(item))) {
    return '"L" is not a day of week: 5L is the last Friday';
  }
  if (items.length === 1) return null;
  const alone = items.find((item) => /^[*?H]$|#/i.test(item));
  if (alone !== undefined) return `${JSON.stringify(alone)} is not part of a list: it stands alone`;
  const seen = new Set<number | string>();
  for (const value of items.flatMap(
    (item): readonly (number | string)[] => valuesOf(item, field) ?? [item],
  )) {
    if (seen.has(value)) return `the ${field.name} ${value} is there twice`;
    seen.add(value);
  }
  return null;
}

/** The values that an item stands for; null: it depends on the month. */
function valuesOf(item: string, field: CronField): readonly number[] | null {
  const [base = '', step] = item.split('/');
  const [from = '', to] = base === '*' ? [String(field.min), String(field.max)] : base.split('-');
  const low = valueOf(from, field);
  if (low === null) return null;
  const high = to === undefined ? (step === undefined ? low : field.max) : (valueOf(to, field) ?? low);
  const by = step === undefined ? 1 : Number(step);
  const values = Array.from({ length: Math.floor((high - low) / by) + 1 }, (_, index) => low + index * by);
  // Sunday has two numbers.
  return field.name === 'day of week' ? [...new Set(values.map((value) => value % 7))] : values;
}

/** The longest that each month can be. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A date that no year has, such as the 30th of February. */
function isNoDay(day: string, month: string): boolean {
  const days = allValues(day, FIELDS[2]);
  const months = allValues(month, FIELDS[1]);
  if (days === null || months === null) return false;
  const first = Math.min(...days);
  return months.every((one) => first > (LONGEST[one - 1] ?? 31));
}

/** A schedule as the values of its fields; null: every value of the field. */
export interface CronValues {
  readonly second: readonly number[] | null;
  readonly minute: readonly number[] | null;
  readonly hour: readonly number[] | null;
  readonly day: readonly number[] | null;
  readonly month: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekday: readonly number[] | null;
}

const LONGHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
  '@minutely': '0 * * * * *',
};

/** The times that a valid schedule says, whatever the month; null: they depend on it (`L`, `#`) or on the app (`H`). */
export function cronValues(text: string): CronValues | null {
  const written = text.trim().toLowerCase();
  const parts = (LONGHANDS[written] ?? text.trim()).split(/\s+/).reverse();
  const given = parts.length === 5 ? [...parts, '0'] : parts;
  const values = FIELDS.map((field, index) => {
    const part = given[index] ?? '*';
    return part === '*' || part === '?' ? null : (allValues(part, field) ?? 'varies');
  });
  if (values.includes('varies')) return null;
  const [weekday = null, month = null, day = null, hour = null, minute = null, second = null] =
    values as readonly (readonly number[] | null)[];
  return { second, minute, hour, day, month, weekday };
}

function allValues(part: string, field: CronField): readonly number[] | null {
  const lists = part.split(',').map((item) => valuesOf(item, field));
  return lists.includes(null) ? null : lists.flatMap((list) => list ?? []);
}

function isItem(item: string, field: CronField): boolean {
  const [base = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !(/^\d{1,4}$/.test(step) && Number(step) > 0))) return false;
  if (base === '*' || (base === 'H' && step === undefined)) return true;
  if (isDay(field) && step === undefined && /^(?:\?|L)$/i.test(base)) return true;
  if (field.name === 'day of week' && step === undefined && /^[0-7](?:#[1-5]|L)$/i.test(base)) return true;
  const [from = '', to, ...rest] = base.split('-');
  const low = valueOf(from, field);
  if (rest.length > 0 || low === null) return false;
  if (to === undefined) return true;
  const high = valueOf(to, field);
  return high !== null && low <= high;
}

function isDay(field: CronField): boolean {
  return field.name === 'day of week' || field.name === 'day of month';
}

function valueOf(text: string, field: CronField): number | null {
  const named = (field.names as readonly string[]).indexOf(text.toUpperCase());
  if (named !== -1) return named + field.first;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return value >= field.min && value <= field.max ? value : null;
}

/** Whether the host knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
