/** The names that Kubernetes knows, as robfig/cron has them. */
const NAMED = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
/** Fields of five: numbers, names, ranges, steps and lists. */
const FIELD = /^[0-9A-Za-z*/,\-?]+$/;
/** What other crons know: the last day, the nearest weekday, the n-th weekday. */
const SPECIAL = /(?:^|,)(?:L|\d+[LW]|LW|[A-Za-z]{3}L|[\dA-Za-z]+#\d)(?:,|$)/i;

/** A schedule as a CronJob takes it: five fields. null: it cannot say that. */
export function cronJobSchedule(text: string): string | null {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  if (NAMED.test(trimmed)) return trimmed;
  const fields = trimmed.split(' ');
  const [first, ...rest] = fields;
  // With six fields the first is seconds, and a CronJob starts at the full minute.
  const five = fields.length === 6 && first === '0' ? rest : fields;
  if (five.length !== 5 || !five.every((field) => FIELD.test(field))) return null;
  return five.some((field) => SPECIAL.test(field)) ? null : five.join(' ');
}
