import type { LineBounds } from './lines-of.ts';
import type { TimesOf } from './timed-line.ts';

/** Our own log has the time in front of each line; one that has none (of a stack trace) belongs to the one before. */
const OWN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z /;
const OWN_TIME_BYTES = 32;

/** The times of lines of the daemon's log, which stand in them. */
export function ownTimes(
  bytes: Buffer,
  { starts }: LineBounds,
  { base, mtimeMs }: { readonly base: number; readonly mtimeMs: number },
): TimesOf {
  const times = new Map<number, number | null>();
  let last: number | null = null;
  for (const start of starts) {
    last = ownTime(bytes.subarray(start, start + OWN_TIME_BYTES)) ?? last;
    times.set(base + start, last);
  }
  const first = [...times.values()].find((time) => time !== null) ?? mtimeMs;
  return (offset) => {
    const at = times.get(offset) ?? null;
    return { at, key: at ?? first, source: null };
  };
}

/** The time that a line of the daemon's log begins with; null: none. */
export function ownTime(bytes: Buffer): number | null {
  const match = OWN_TIME.exec(bytes.toString('latin1', 0, OWN_TIME_BYTES));
  const time = match === null ? NaN : Date.parse(match[0].trim());
  return Number.isNaN(time) ? null : time;
}
