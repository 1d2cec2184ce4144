import { parseDuration } from '../../lib/units.ts';
import { usageError } from '../session/failures.ts';

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/;
/** Without a zone: the one of whoever types it. */
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
/** A number of so many digits is seconds since 1970, as `date +%s` gives them, or with more digits milliseconds. */
const EPOCH = /^(\d{10})(\d{3})?$/;

/**
 * What a person means by a moment, as RFC 3339: `10m` (ago), `2026-01-31` (its beginning, here), `14:30` (the last time
 * that it was so late), `2026-01-31 14:30`, or with a zone. Throws USAGE for what is none.
 */
export function momentOf(flag: string, text: string, now: number): string {
  const at = epochOf(text.trim(), now);
  if (at === null || Number.isNaN(at)) {
    throw usageError(
      `${flag}: ${JSON.stringify(text)} is not a time`,
      'write 10m, 2h, 14:30, 2026-01-31 or 2026-01-31T12:00:00Z',
    );
  }
  return new Date(at).toISOString();
}

function epochOf(text: string, now: number): number | null {
  const epoch = EPOCH.exec(text);
  if (epoch !== null) return Number(epoch[1]) * 1000 + Number(epoch[2] ?? 0);
  const ago = parseDuration(text.replace(/^-/, '').replace(/ ?ago$/, ''));
  if (ago !== undefined) return now - ago;
  const date = DATE.exec(text);
  if (date !== null) {
    const [, year, month, day] = date.map(Number);
    const at = new Date(year ?? 0, (month ?? 1) - 1, day ?? 1);
    return at.getDate() === day ? at.getTime() : null;
  }
  const time = TIME.exec(text);
  if (time !== null) {
    const [, hour = '0', minute = '0', second = '0', fraction = ''] = time;
    const at = new Date(now).setHours(
      Number(hour),
      Number(minute),
      Number(second),
      Number(fraction.padEnd(3, '0')),
    );
    return at > now ? at - DAY_MS : at;
  }
  return INSTANT.test(text) ? Date.parse(text.replace(' ', 'T')) : null;
}
