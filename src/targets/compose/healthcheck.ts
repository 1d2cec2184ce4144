import type { ProbeSpec } from '../../spec/types.ts';
import { checkCommand } from '../container/check-command.ts';
import { error, warning, type Finding } from '../model/rendered.ts';
import { composeDuration, type ComposeApp } from './model.ts';

const KINDS = ['readiness', 'liveness', 'startup'] as const;
type Kind = (typeof KINDS)[number];

/** `healthcheck` of a service: of several probes, the first of readiness, liveness and startup. */
export function healthcheck({ spec }: ComposeApp): Readonly<Record<string, unknown>> | null {
  const kind = chosen(spec);
  const probe = kind === null ? null : spec[kind];
  if (kind === null || probe === null) return null;
  const { command } = checkCommand(spec, kind, probe);
  if (command === null) return null;
  return {
    test: ['CMD', ...command],
    interval: composeDuration(probe.period),
    timeout: composeDuration(probe.timeout),
    retries: probe.failure_threshold,
    start_period: composeDuration(Math.max(spec.listen_timeout, probe.initial_delay)),
  };
}

function chosen(spec: ComposeApp['spec']): Kind | null {
  return KINDS.find((kind) => spec[kind] !== null) ?? null;
}

export function probeFindings(kind: Kind): (app: ComposeApp) => readonly Finding[] {
  return ({ spec }) => {
    const probe = spec[kind];
    if (probe === null) return [];
    if (chosen(spec) !== kind) {
      return [warning(kind, `a service has one check, which is ${chosen(spec) ?? kind} here`)];
    }
    const { findings } = checkCommand(spec, kind, probe);
    const unhealthy = 'nothing is restarted there for a check that fails: docker compose ps says unhealthy';
    return [...findings, ...(kind === 'liveness' ? [warning(kind, unhealthy)] : []), ...timing(kind, probe)];
  };
}

function timing(kind: Kind, { success_threshold }: ProbeSpec): readonly Finding[] {
  return success_threshold === 1 ? [] : [warning(`${kind}.success_threshold`, 'is 1 there')];
}

/** An app that says itself when it is ready says it to nobody there. */
export function saysReady(field: 'wait_ready' | 'notify') {
  return ({ spec }: ComposeApp): readonly Finding[] => {
    if (!spec[field]) return [];
    return spec.readiness === null
      ? [error(field, 'nobody hears there that the app is ready', 'give it a readiness probe')]
      : [warning(field, 'nobody hears it there: the readiness probe alone says when the app is ready')];
  };
}
