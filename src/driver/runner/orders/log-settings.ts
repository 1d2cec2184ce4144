import { join } from 'node:path';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import type { DaemonStream, LogSettings } from '../../../runner/protocol/orders.ts';
import { logFile, streamOf } from '../../../spec/logs/log-file.ts';

/**
 * The log files of one instance, with PM2's naming: `-<slot>` before the extension unless logs are merged. What is meant
 * for a stream of the daemon is kept in the default file too: `logs` and who comes later find it there.
 */
export function logSettings(app: DesiredApp, slot: number, logsDir: string): LogSettings {
  const { spec } = app;
  const file = (declared: string | null, stream: 'out' | 'error'): string | null => {
    if (spec.disable_logs) return null;
    const isStream = declared !== null && streamOf(declared, stream) !== null;
    return logFile(
      declared === null || isStream ? defaultLogFile(app, stream, logsDir) : declared,
      spec,
      slot,
    );
  };
  const to = (declared: string | null, stream: 'out' | 'error'): DaemonStream | null =>
    spec.disable_logs || declared === null ? null : streamOf(declared, stream);
  const [outTo, errorTo] = [to(spec.out_file, 'out'), to(spec.error_file, 'error')];
  const combinedTo = to(spec.log_file, 'out');
  const combined = spec.disable_logs || combinedTo !== null ? null : spec.log_file;
  return {
    outFile: file(spec.out_file, 'out'),
    errorFile: file(spec.error_file, 'error'),
    combinedFile: combined === null ? null : logFile(combined, spec, slot),
    ...(outTo !== null && { outTo }),
    ...(errorTo !== null && { errorTo }),
    ...(combinedTo !== null && { combinedTo }),
    dateFormat: spec.log_date_format,
    json: spec.log_type === 'json',
    rotate: spec.log_rotate && {
      sizeBytes: spec.log_rotate.size,
      keep: spec.log_rotate.keep,
      intervalMs: spec.log_rotate.interval,
      compress: spec.log_rotate.compress,
      maxAgeMs: spec.log_rotate.max_age,
      maxTotalBytes: spec.log_rotate.max_total,
    },
  };
}

function defaultLogFile(app: DesiredApp, stream: 'out' | 'error', logsDir: string): string {
  return join(logsDir, app.project, `${app.spec.name}-${stream}.log`);
}
