import { isNode } from '../../spec/node-app.ts';
import { meantPort, portReference } from '../../spec/ports/slot-ports.ts';
import type { AppSpec, ProbeSpec } from '../../spec/types.ts';
import { error, warning, type Finding } from '../model/rendered.ts';

/** A probe as a command that runs in the container and ends with 0; with what is lost. null: nothing there can ask it. */
export interface CheckCommand {
  readonly command: readonly string[] | null;
  readonly findings: readonly Finding[];
}

/** A probe of `kind` for an engine that has commands alone. Node asks for itself; others need a program in their image. */
export function checkCommand(
  spec: AppSpec,
  kind: 'readiness' | 'liveness' | 'startup',
  probe: ProbeSpec,
): CheckCommand {
  const { http, tcp, grpc, exec, log } = probe;
  if (exec !== undefined) return { command: exec.command, findings: [] };
  if (log !== undefined) return none(`${kind}.log`, 'nobody reads the output there', 'use http, tcp or exec');
  if (grpc !== undefined) {
    return none(`${kind}.grpc`, 'nobody there asks a gRPC server', 'use exec with grpc_health_probe');
  }
  const endpoint = http ?? tcp;
  const port = endpoint === undefined ? null : meantPort(portReference(endpoint), spec, 0);
  const at = http === undefined ? `${kind}.tcp` : `${kind}.http`;
  if (endpoint === undefined || port === null || port === 0) {
    return none(`${at}.port`, 'no port is known there', 'give it or the port of the app as a number');
  }
  const where = { host: endpoint.host, port };
  return http === undefined ? connects(spec, at, where) : asks(spec, at, http, where);
}

interface Where {
  readonly host: string;
  readonly port: number;
}

function connects(spec: AppSpec, at: string, { host, port }: Where): CheckCommand {
  if (!isNode(spec)) return foreign(at, ['nc', '-z', host, String(port)], 'nc');
  const script = `require('net').connect(${port},${quoted(host)}).on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))`;
  return { command: ['node', '-e', script], findings: [] };
}

function asks(
  spec: AppSpec,
  at: string,
  http: NonNullable<ProbeSpec['http']>,
  { host, port }: Where,
): CheckCommand {
  const { path, scheme = 'http', headers = {}, status, server_name, ca, insecure } = http;
  if (scheme === 'https') {
    return none(`${at}.scheme`, 'a check over TLS is a command of your own there', 'use exec');
  }
  const lostWithTls = Object.entries({ server_name, ca, insecure }).filter(
    ([, value]) => value !== undefined,
  );
  const findings = lostWithTls.map(([key]) => warning(`${at}.${key}`, 'means nothing without TLS'));
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  if (!isNode(spec)) {
    if (status !== undefined)
      return none(`${at}.status`, 'every status from 200 to 399 is good there', 'use exec');
    if (Object.keys(headers).length > 0) return none(`${at}.headers`, 'no header is sent there', 'use exec');
    return foreign(at, ['wget', '-q', '-O', '/dev/null', url], 'wget');
  }
  const good = status === undefined ? 'r.ok' : `r.status===${status}`;
  const options = Object.keys(headers).length > 0 ? `,{headers:${JSON.stringify(headers)}}` : '';
  const script = `fetch(${quoted(url)}${options}).then(r=>process.exit(${good}?0:1),()=>process.exit(1))`;
  return { command: ['node', '-e', script], findings };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function foreign(at: string, command: readonly string[], program: string): CheckCommand {
  return { command, findings: [warning(at, `the image has to have ${program}`, 'or use exec')] };
}

function none(field: string, message: string, hint: string): CheckCommand {
  return { command: null, findings: [error(field, message, hint)] };
}
