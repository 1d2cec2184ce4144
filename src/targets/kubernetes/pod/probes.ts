import { meantPort, portReference } from '../../../spec/ports/slot-ports.ts';
import { isSecretName } from '../../../spec/secrets/secret-names.ts';
import { secretSpans } from '../../../spec/secrets/secret-text.ts';
import type { ProbeSpec } from '../../../spec/types.ts';
import { error, warning, type Finding } from '../../model/rendered.ts';
import { seconds } from '../objects.ts';
import type { KubernetesApp } from '../settings.ts';

type Kind = 'readiness' | 'liveness' | 'startup';
type ContainerProbe = Readonly<Record<string, unknown>>;

export interface ContainerProbes {
  readonly readinessProbe?: ContainerProbe;
  readonly livenessProbe?: ContainerProbe;
  readonly startupProbe?: ContainerProbe;
}

const KINDS: readonly Kind[] = ['readiness', 'liveness', 'startup'];
/** Where probes look on a host; a kubelet asks the address of the pod. */
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Probes of a container. */
export function containerProbes(app: KubernetesApp): ContainerProbes {
  const { readiness, liveness } = app.spec;
  const startup = startupProbe(app);
  return {
    ...(readiness !== null && { readinessProbe: probe(app, readiness, readiness.success_threshold) }),
    ...(liveness !== null && { livenessProbe: probe(app, liveness, 1) }),
    ...(startup !== null && { startupProbe: startup }),
  };
}

/**
 * Liveness counts from the first readiness on, at most `listen_timeout` after the start: until then, a startup probe
 * keeps it away.
 */
function startupProbe(app: KubernetesApp): ContainerProbe | null {
  const { startup, liveness, readiness, listen_timeout } = app.spec;
  if (startup !== null) return probe(app, startup, 1);
  if (liveness === null) return null;
  const first = readiness?.log === undefined ? (readiness ?? liveness) : liveness;
  const failureThreshold = Math.max(1, Math.ceil(listen_timeout / Math.max(first.period, 1000)));
  return { ...probe(app, first, 1), failureThreshold };
}

function probe(app: KubernetesApp, spec: ProbeSpec, successThreshold: number): ContainerProbe {
  return {
    ...action(app, spec),
    periodSeconds: Math.max(1, seconds(spec.period)),
    timeoutSeconds: Math.max(1, seconds(spec.timeout)),
    initialDelaySeconds: seconds(spec.initial_delay),
    successThreshold,
    failureThreshold: spec.failure_threshold,
  };
}

function action(app: KubernetesApp, { http, tcp, grpc, exec }: ProbeSpec): Readonly<Record<string, unknown>> {
  if (http !== undefined) {
    const headers = Object.entries(http.headers ?? {}).map(([name, value]) => ({ name, value }));
    return {
      httpGet: {
        path: http.path,
        port: probePort(app, http),
        scheme: http.scheme === 'https' ? 'HTTPS' : 'HTTP',
        ...hostOf(http.host),
        ...(headers.length > 0 && { httpHeaders: headers }),
      },
    };
  }
  if (tcp !== undefined) return { tcpSocket: { port: probePort(app, tcp), ...hostOf(tcp.host) } };
  if (grpc !== undefined) {
    return {
      grpc: { port: probePort(app, grpc), ...(grpc.service !== undefined && { service: grpc.service }) },
    };
  }
  return exec === undefined ? {} : { exec: { command: exec.command } };
}

function hostOf(host: string): { readonly host?: string } {
  return LOOPBACK.includes(host) ? {} : { host };
}

interface Endpoint {
  readonly port: number;
  readonly port_name?: string;
}

/** A number: the names of ports are cut there, and a gRPC probe takes none. 0: nothing says it, which is an error. */
function probePort({ spec }: KubernetesApp, endpoint: Endpoint): number {
  return meantPort(portReference(endpoint), spec, 0) ?? 0;
}

export function probeFindings(app: KubernetesApp): readonly Finding[] {
  return KINDS.flatMap((kind) => {
    const spec = app.spec[kind];
    return spec === null ? [] : [...timingFindings(kind, spec), ...actionFindings(app, kind, spec)];
  });
}

function timingFindings(kind: Kind, spec: ProbeSpec): readonly Finding[] {
  const uneven = (['period', 'timeout', 'initial_delay'] as const).filter((key) => spec[key] % 1000 !== 0);
  return [
    ...uneven.map((key) => warning(`${kind}.${key}`, 'is rounded up to whole seconds')),
    ...(kind !== 'readiness' && spec.success_threshold !== 1
      ? [error(`${kind}.success_threshold`, 'has to be 1 there')]
      : []),
  ];
}

function actionFindings(app: KubernetesApp, kind: Kind, spec: ProbeSpec): readonly Finding[] {
  const { http, tcp, grpc } = spec;
  const endpoint = http ?? tcp ?? grpc;
  const way = http !== undefined ? 'http' : tcp !== undefined ? 'tcp' : 'grpc';
  const at = `${kind}.${way}`;
  if (spec.log !== undefined) {
    return [error(`${kind}.log`, 'no probe reads the output there', 'use http, tcp, grpc or exec')];
  }
  if (endpoint === undefined) return [];
  return [
    ...(probePort(app, endpoint) === 0
      ? [error(`${at}.port`, 'no port is known there', 'give it or the port of the app as a number')]
      : []),
    ...(LOOPBACK.includes(endpoint.host)
      ? []
      : [warning(`${at}.host`, `${endpoint.host} is asked from the node, not from the pod`)]),
    ...(http === undefined ? [] : statusFindings(at, http.status)),
    ...((http ?? grpc) ? secureFindings(at, http ?? grpc) : []),
  ];
}

function statusFindings(at: string, status: number | undefined): readonly Finding[] {
  if (status === undefined) return [];
  if (status < 200 || status > 399) return [error(`${at}.status`, 'only 200 to 399 is good there')];
  return [warning(`${at}.status`, 'every status from 200 to 399 is good there')];
}

function secureFindings(at: string, endpoint: ProbeSpec['http'] | ProbeSpec['grpc']): readonly Finding[] {
  if (endpoint === undefined) return [];
  const { scheme, ca, server_name, insecure, headers = {} } = endpoint;
  const secret = Object.entries(headers).some(
    ([name, value]) => isSecretName(name) || secretSpans(`${name}: ${value}`).length > 0,
  );
  const isGrpc = at.endsWith('.grpc');
  return [
    ...(isGrpc && scheme === 'https' ? [error(`${at}.scheme`, 'a gRPC probe has no TLS there')] : []),
    ...(isGrpc && Object.keys(headers).length > 0
      ? [error(`${at}.headers`, 'a gRPC probe sends none there')]
      : []),
    ...(!isGrpc && scheme === 'https' && insecure !== true
      ? [warning(`${at}.scheme`, 'the certificate is not checked there')]
      : []),
    ...(ca === undefined ? [] : [warning(`${at}.ca`, 'the certificate is not checked there')]),
    ...(server_name === undefined ? [] : [warning(`${at}.server_name`, 'no other name is asked for there')]),
    ...(secret && !isGrpc
      ? [error(`${at}.headers`, 'a header cannot be read from a Secret there', 'use exec')]
      : []),
  ];
}
