const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
const UNITS = ['B', 'K', 'M', 'G', 'T'] as const;

/**
 * Milliseconds as an age of at most two units, rounded down: `45s`, `3m20s`, `47m`, `5h12m`, `30h`, `3d`. The unit
 * changes late, so that young things keep their detail.
 */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2 * MINUTE_S) return `${seconds}s`;
  if (seconds < 10 * MINUTE_S) return pair(seconds, [MINUTE_S, 'm'], [1, 's']);
  if (seconds < 3 * HOUR_S) return `${Math.floor(seconds / MINUTE_S)}m`;
  if (seconds < 8 * HOUR_S) return pair(seconds, [HOUR_S, 'h'], [MINUTE_S, 'm']);
  if (seconds < 2 * DAY_S) return `${Math.floor(seconds / HOUR_S)}h`;
  return `${Math.floor(seconds / DAY_S)}d`;
}

/** Milliseconds of something short: `3ms`, `1.2s`; from two minutes on as an age. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return ms < 2 * MINUTE_S * 1000 ? `${(ms / 1000).toFixed(1)}s` : formatAge(ms);
}

/** Bytes for people, in binary units: `812K`, `4.2M`, `182M`, `1.5G`. */
export function formatMemory(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = value < 10 && unit > 0 ? value.toFixed(1) : String(Math.round(value));
  return `${text}${UNITS[unit] ?? ''}`;
}

/** `0%`, `0.3%`, `12%`, `240%` (of one processor). */
export function formatCpu(percent: number): string {
  if (percent === 0) return '0%';
  return percent < 10 ? `${percent.toFixed(1)}%` : `${Math.round(percent)}%`;
}

/** `1 process`, `2 processes`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount} ${amount === 1 ? singular : plural}`;
}

function pair(
  seconds: number,
  [big, bigName]: readonly [number, string],
  [small, smallName]: readonly [number, string],
): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigName}${rest === 0 ? '' : `${rest}${smallName}`}`;
}
