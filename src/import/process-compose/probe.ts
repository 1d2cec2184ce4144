import type { AppBuilder } from '../model/build-app.ts';
import { isPlain, numberAt, textAt, textsOf, type Plain } from '../model/plain-node.ts';

/** A probe of process-compose as `readiness` or `liveness`. */
export function probe(app: AppBuilder, field: string, value: unknown): void {
  if (!isPlain(value)) return;
  const { http_get: http, grpc, exec, ...timing } = value;
  const target = isPlain(http)
    ? { http: httpOf(http) }
    : isPlain(grpc)
      ? { grpc: grpcOf(grpc) }
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
  const port = isPlain(http) ? textAt(http['port']) : '';
  if (port !== '' && !isNumber(port))
    app.unmapped(`${field} port`, port, 'the first port of the app, or PORT of its env, is probed');
}

function httpOf({ host, path, port, scheme, headers, status_code: status }: Plain): object {
  const isSecure = textAt(scheme).toLowerCase() === 'https';
  return {
    ...(port === undefined ? { port: isSecure ? 443 : 80 } : portOf(port)),
    ...(path !== undefined && { path: textAt(path, '/') }),
    ...(host !== undefined && { host: textAt(host) }),
    ...(isSecure && { scheme: 'https' }),
    ...(isPlain(headers) && { headers: headersOf(headers) }),
    // Another status than that which counts anyway.
    ...(typeof status === 'number' && (status < 200 || status > 399) && { status }),
  };
}

function grpcOf({ host, port, service }: Plain): object {
  return {
    ...portOf(port),
    ...(host !== undefined && { host: textAt(host) }),
    ...(textAt(service) !== '' && { service: textAt(service) }),
  };
}

function portOf(port: unknown): object {
  return isNumber(textAt(port)) ? { port: numberAt(port) } : {};
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** One value, or a list of them. */
function headersOf(headers: Plain): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, textsOf(value).join(', ')]),
  );
}
