import { meantPort, portReference } from '../../spec/ports/slot-ports.ts';
import type { AppSpec, ProbeSpec } from '../../spec/types.ts';
import { error, warning, type Finding } from '../model/rendered.ts';
import { nanoseconds, type NomadApp } from './model.ts';
import { portLabel } from './task.ts';

type Fields = Readonly<Record<string, unknown>>;
type Kind = 'readiness' | 'liveness';

/** A service for each port, and the probes as checks of the first one that they ask. */
export function services({ spec, id }: NomadApp): readonly Fields[] {
  return spec.ports.map(({ name }, index) => {
    const checks = (['readiness', 'liveness'] as const).flatMap((kind) =>
      portOfProbe(spec, kind) === name ? checkOf(spec, kind) : [],
    );
    return {
      Name: index === 0 ? id : `${id}-${name}`,
      PortLabel: portLabel(name),
      Provider: 'nomad',
      ...(checks.length > 0 && { Checks: checks }),
    };
  });
}

/** The name of the port that a probe asks; null: none of the declared ones. */
function portOfProbe(spec: AppSpec, kind: Kind): string | null {
  const endpoint = spec[kind]?.http ?? spec[kind]?.tcp;
  if (endpoint === undefined) return null;
  const reference = portReference(endpoint);
  if (reference === null) return spec.ports[0]?.name ?? null;
  if (typeof reference === 'string') return reference;
  const number = meantPort(reference, spec, 0);
  return spec.ports.find(({ port }) => port === number)?.name ?? null;
}

function checkOf(spec: AppSpec, kind: Kind): readonly Fields[] {
  const probe = spec[kind];
  if (probe === null) return [];
  const { http, period, timeout, failure_threshold, success_threshold, initial_delay } = probe;
  const headers = Object.entries(http?.headers ?? {}).map(([name, value]) => [name, [value]]);
  const restarts = {
    Limit: failure_threshold,
    Grace: nanoseconds(Math.max(spec.listen_timeout, initial_delay)),
  };
  return [
    {
      Name: kind,
      Type: http === undefined ? 'tcp' : 'http',
      ...(http !== undefined && {
        Path: http.path,
        ...(http.scheme === 'https' && { Protocol: 'https', TLSSkipVerify: http.insecure === true }),
        ...(headers.length > 0 && { Header: Object.fromEntries(headers) as Fields }),
      }),
      Interval: nanoseconds(period),
      Timeout: nanoseconds(timeout),
      ...(kind === 'readiness' && success_threshold > 1 && { SuccessBeforePassing: success_threshold }),
      ...(kind === 'liveness' && { CheckRestart: restarts }),
    },
  ];
}

export function checkFindings(kind: Kind): (app: NomadApp) => readonly Finding[] {
  return ({ spec }) => {
    const probe = spec[kind];
    return probe === null ? [] : [...wayFindings(spec, kind, probe), ...httpFindings(kind, probe)];
  };
}

function wayFindings(spec: AppSpec, kind: Kind, { exec, log, grpc }: ProbeSpec): readonly Finding[] {
  const way = exec !== undefined ? 'exec' : log !== undefined ? 'log' : grpc !== undefined ? 'grpc' : null;
  if (way !== null) {
    return [error(`${kind}.${way}`, 'services of Nomad are asked by http and tcp alone', 'use one of them')];
  }
  return portOfProbe(spec, kind) === null
    ? [error(kind, 'no port of the app is known there', 'declare the port that it asks')]
    : [];
}

function httpFindings(kind: Kind, { http }: ProbeSpec): readonly Finding[] {
  if (http === undefined) return [];
  const { status, ca, server_name } = http;
  return [
    ...(status === undefined ? [] : [error(`${kind}.http.status`, 'every status of 2xx is good there')]),
    ...(ca === undefined ? [] : [warning(`${kind}.http.ca`, 'the certificates of the node count there')]),
    ...(server_name === undefined
      ? []
      : [warning(`${kind}.http.server_name`, 'no other name is asked for there')]),
  ];
}
