import { extname, join } from 'node:path';
import type { DesiredApp } from '../plan/model/types.ts';
import type { LogSettings } from '../runner/protocol/messages.ts';
import type { AppSpec } from '../spec/types.ts';

/** The log files of one instance, with PM2's naming: `-<slot>` before the extension unless logs are merged. */
export function logSettings(app: DesiredApp, slot: number, logsDir: string): LogSettings {
  const { spec } = app;
  const file = (declared: string | null, stream: 'out' | 'error'): string | null =>
    spec.disable_logs ? null : logFile(declared ?? defaultLogFile(app, stream, logsDir), spec, slot);
  return {
    outFile: file(spec.out_file, 'out'),
    errorFile: file(spec.error_file, 'error'),
    combinedFile: spec.disable_logs || spec.log_file === null ? null : logFile(spec.log_file, spec, slot),
    dateFormat: spec.log_date_format,
    json: spec.log_type === 'json',
    rotate: spec.log_rotate && {
      sizeBytes: spec.log_rotate.size,
      keep: spec.log_rotate.keep,
      intervalMs: spec.log_rotate.interval,
      compress: spec.log_rotate.compress,
    },
  };
}

function defaultLogFile(app: DesiredApp, stream: 'out' | 'error', logsDir: string): string {
  return join(logsDir, app.project, `${app.spec.name}-${stream}.log`);
}

function logFile(path: string, spec: AppSpec, slot: number): string | null {
  if (path === '/dev/null') return null;
  if (spec.merge_logs) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${slot}${extension}`;
}
