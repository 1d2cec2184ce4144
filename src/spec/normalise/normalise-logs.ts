import type { App } from '../generated/ecosystem.ts';
import { readLogRotate } from '../generated/read-app.ts';
import type { SpecNote } from './normalise-context.ts';
import { resolvePath } from './normalise-path.ts';
import type { AppSpec } from '../types.ts';
import { readBoolean } from './values.ts';

/** Where output that nobody wants goes. */
const NOWHERE = '/dev/null';
/** The daemon's own stream. */
const STREAM = '-';
/** What `time: true` stands for, as in PM2. */
const TIME_FORMAT = 'YYYY-MM-DDTHH:mm:ss';

type LogFields = Pick<
  AppSpec,
  'out_file' | 'error_file' | 'log_file' | 'merge_logs' | 'log_date_format' | 'log_rotate'
>;

/** The log fields that depend on others. */
export function normaliseLogs(
  app: App,
  at: { readonly cwd: string; readonly home: string | null; readonly mode: AppSpec['exec_mode'] },
): LogFields {
  const file = (path: string | boolean | undefined): string | null =>
    typeof path === 'string' ? logPath(path, at) : null;
  return {
    out_file: file(app.out_file),
    error_file: file(app.error_file),
    log_file: file(app.log_file),
    merge_logs: readBoolean(app.merge_logs) ?? (at.mode === 'fork' && app.instances === undefined),
    log_date_format: dateFormat(app),
    log_rotate:
      app.log_rotate === false
        ? null
        : readLogRotate(typeof app.log_rotate === 'object' ? app.log_rotate : {}),
  };
}

/** What to say about log fields that do not do what they say. */
export function logNotes(app: App): SpecNote[] {
  return [...fileNotes(app), ...rotationNotes(app)];
}

function fileNotes(app: App): SpecNote[] {
  if (app.log_file !== true) return [];
  const message = 'log_file: true has no effect: there is no default file for both streams together';
  const hint = 'give a path';
  return [{ level: 'warning', code: 'CONFIG_NO_EFFECT', path: ['log_file'], message, hint }];
}

function rotationNotes(app: App): SpecNote[] {
  if (typeof app.log_rotate !== 'object') return [];
  const { size, max_total: total } = readLogRotate(app.log_rotate);
  if (total === null || total >= size) return [];
  const message =
    'log_rotate.max_total is less than size: what is being written is never removed, and grows beyond it';
  const hint = 'choose a size that is a small part of max_total';
  return [{ level: 'warning', code: 'CONFIG_NO_EFFECT', path: ['log_rotate', 'max_total'], message, hint }];
}

function logPath(path: string, at: { readonly cwd: string; readonly home: string | null }): string {
  if (path === STREAM) return STREAM;
  return path === 'NULL' || path === NOWHERE ? NOWHERE : resolvePath(path, at.cwd, at.home);
}

function dateFormat(app: App): string | null {
  if (readBoolean(app.time) === true) return TIME_FORMAT;
  if (app.log_date_format === true) return TIME_FORMAT;
  return typeof app.log_date_format === 'string' && app.log_date_format !== '' ? app.log_date_format : null;
}
