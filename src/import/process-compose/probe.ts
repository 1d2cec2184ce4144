import type { AppBuilder } from '../model/build-app.ts';
import { isPlain, numberAt, textAt, type Plain } from '../model/plain-node.ts';

/** A probe of process-compose as `readiness` or `liveness`. */
export function probe(app: AppBuilder, field: string, value: unknown): void {
  if (!isPlain(value)) return;
  const { http_get: http, exec, ...timing } = value;
  const target = isPlain(http)
    ? httpOf(http)
    : isPlain(exec)
      ? { exec: { command: ['sh', '-c', textAt(exec['command'], 'true')] } }
      : null;
  if (target === null) {
    app.unmapped(field, value);
    return;
  }
  const seconds = (key: string): string | undefined =>
    timing[key] === undefined ? undefined : `${String(numberAt(timing[key]))}s`;
  const counts = Object.entries({
    success_threshold: timing['success_threshold'],
    failure_threshold: timing['failure_threshold'],
  });
  const fields = {
    ...target,
    initial_delay: seconds('initial_delay_seconds'),
    period: seconds('period_seconds') ?? '10s',
    timeout: seconds('timeout_seconds'),
    ...Object.fromEntries(counts.filter(([, count]) => typeof count === 'number' && count > 0)),
  };
  app.set(field, Object.fromEntries(Object.entries(fields).filter(([, inner]) => inner !== undefined)));
  if (isPlain(http) && http['scheme'] === 'https')
    app.unmapped(`${field} scheme`, 'https', 'probes speak http');
}

function httpOf({ host, path, port }: Plain): object {
  return {
    http: {
      port: typeof port === 'number' ? port : /^\d+$/.test(textAt(port)) ? numberAt(port) : 80,
      ...(path !== undefined && { path: textAt(path, '/') }),
      ...(host !== undefined && { host: textAt(host) }),
    },
  };
}
