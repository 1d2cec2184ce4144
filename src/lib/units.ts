/** A day, in milliseconds; durations know no longer unit. */
const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;
const PLAIN_NUMBER = /^\d+(?:\.\d+)?$/;
const BYTES = /^(\d+(?:\.\d+)?)\s?(?:([KMGT])(?:i?B)?|B)?$/i;
const BYTE_POWER = { K: 1, M: 2, G: 3, T: 4 } as const;

/**
 * Reads `90s`, `1m30s`, `1d2h`, `250ms`, or a plain number, which means milliseconds as in PM2.
 * Gives milliseconds, or undefined when the text is not a duration.
 */
export function parseDuration(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? text : undefined;
  const trimmed = text.trim();
  if (PLAIN_NUMBER.test(trimmed)) return Number(trimmed);
  const match = DURATION.exec(trimmed);
  if (trimmed === '' || match === null) return undefined;
  const [, d = '0', h = '0', m = '0', s = '0', ms = '0'] = match;
  const total =
    Number(d) * UNIT_MS.d +
    Number(h) * UNIT_MS.h +
    Number(m) * UNIT_MS.m +
    Number(s) * UNIT_MS.s +
    Number(ms);
  return Math.round(total);
}

/**
 * Reads `300M`, `1.5G`, `512MiB`, `64KB`, `100B` (binary powers, any case), or a plain number, which means bytes
 * as in PM2. Gives bytes, or undefined when the text is not a size.
 */
export function parseBytes(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? Math.round(text) : undefined;
  const match = BYTES.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2]?.toUpperCase() as keyof typeof BYTE_POWER | undefined;
  return Math.round(Number(match[1]) * (unit === undefined ? 1 : 1024 ** BYTE_POWER[unit]));
}

/** `90000` as `1m30s`, `250` as `250ms`, `0` as `0s`: reads back to the same number. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, size] of Object.entries(UNIT_MS)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/**
 * A span as people say it: `12756` as `13s`, `999` as `1s`, `250` as `0.3s`, so that short ones are told from each other.
 * Does not read back to the same number.
 */
export function formatSpan(ms: number): string {
  if (ms >= 9_950) return formatDuration(Math.round(ms / 1_000) * 1_000);
  const tenths = Math.round(ms / 100);
  return `${(ms > 0 ? Math.max(1, tenths) : 0) / 10}s`;
}

/** `314572800` as `300M`: the largest unit that is exact, so that it reads back to the same number. */
export function formatBytes(bytes: number): string {
  for (const [unit, power] of Object.entries(BYTE_POWER).reverse()) {
    const size = 1024 ** power;
    if (bytes >= size && Number.isInteger((bytes / size) * 100)) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
