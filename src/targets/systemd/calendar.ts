import { cronValues } from '../../spec/cron-text.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * A schedule of cron as values of `OnCalendar=`, of which each is due; null: systemd cannot say that. With a day of the month
 * and one of the week, cron means either (crontab(5)), so that these are two lines.
 */
export function calendarOf(schedule: string, zone: string | null): readonly string[] | null {
  const values = cronValues(schedule);
  if (values === null) return null;
  const { second, minute, hour, day, month, weekday } = values;
  const time = [hour, minute, second].map(listed).join(':');
  const date = (days: readonly number[] | null): string => `*-${listed(month)}-${listed(days)}`;
  const end = zone === null ? '' : ` ${zone}`;
  const week = weekday?.map((number) => DAYS[number] ?? '').join(',');
  if (week === undefined) return [`${date(day)} ${time}${end}`];
  const onWeekdays = `${week} ${date(null)} ${time}${end}`;
  return day === null ? [onWeekdays] : [`${date(day)} ${time}${end}`, onWeekdays];
}

function listed(values: readonly number[] | null): string {
  return values === null ? '*' : values.map((value) => String(value).padStart(2, '0')).join(',');
}
