import type { App } from '../generated/ecosystem.ts';
import type { AppSpec } from '../types.ts';
import type { SpecNote } from './normalise-context.ts';
import { readBoolean } from './values.ts';

/** 0 turns it off, as in PM2. */
export function readCron(value: string | number | undefined): string | null {
  const cron = value === undefined ? '' : String(value).trim();
  return cron === '' || cron === '0' ? null : cron;
}

/** What the schema cannot say of the times at which an app is run or restarted. */
export function scheduleNotes(app: App, { schedule, instances, cron_restart }: AppSpec): SpecNote[] {
  if (schedule === null) return cronRestartNotes(app, cron_restart);
  const wrong = (field: string, message: string, hint: string): SpecNote => ({
    level: 'error',
    code: 'CONFIG_BAD_VALUE',
    path: [field],
    message,
    hint,
  });
  return [
    ...(readBoolean(app.autorestart) === true
      ? [wrong('autorestart', 'a scheduled job is not restarted when it ends', 'leave `autorestart` out')]
      : []),
    ...(instances === 1
      ? []
      : [
          wrong('instances', 'a scheduled job has 1 instance', 'for runs side by side: `concurrency: allow`'),
        ]),
    ...(cron_restart === null
      ? []
      : [wrong('cron_restart', 'a scheduled job is not restarted on a schedule', 'keep one of the two')]),
  ];
}

/** PM2's way to run a job is cron_restart: here it restarts what keeps running, and starts at once what has ended. */
function cronRestartNotes(app: App, cron: string | null): SpecNote[] {
  if (cron === null) return [];
  const [first = '', second = ''] = cron.split(/\s+/);
  const minutes = cron.split(/\s+/).length > 5 ? second : first;
  const looksLikeJob = readBoolean(app.autorestart) === false || /[*/,-]/.test(minutes);
  if (!looksLikeJob) return [];
  return [
    {
      level: 'warning',
      code: 'CONFIG_ADVICE',
      path: ['cron_restart'],
      message: 'cron_restart is for a program that keeps running',
      hint: `for a script that ends by itself: \`schedule: ${JSON.stringify(cron)}\` in its place runs it at these times`,
    },
  ];
}
