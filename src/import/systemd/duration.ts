const UNITS: Readonly<Record<string, number>> = {
  ...{ us: 0.001, usec: 0.001, ms: 1, msec: 1, s: 1000, sec: 1000, second: 1000, seconds: 1000, '': 1000 },
  ...{
    m: 60_000,
    min: 60_000,
    minute: 60_000,
    minutes: 60_000,
    h: 3_600_000,
    hr: 3_600_000,
    hour: 3_600_000,
    hours: 3_600_000,
  },
  ...{
    d: 86_400_000,
    day: 86_400_000,
    days: 86_400_000,
    w: 604_800_000,
    week: 604_800_000,
    weeks: 604_800_000,
  },
};

/** A time span of systemd (`90`, `1min 30s`, `500ms`) in milliseconds; null: none, or without an end. */
export function systemdDuration(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)\s*/gi)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text.trim()) return null;
  let total = 0;
  for (const [, amount = '0', unit = ''] of parts) {
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size === undefined) return null;
    total += Number(amount) * size;
  }
  return Math.round(total);
}
