import { formatDuration } from '../../lib/units.ts';
import type { SpecNote } from './normalise-context.ts';
import { defaultNumber, defaultText } from '../defaults.ts';
import type { App, Probe } from '../generated/ecosystem.ts';
import type { AppSpec, ProbeSpec } from '../types.ts';
import { readDuration, readInteger } from './values.ts';

/** The defaults of the three probes are the same. */
export function normaliseProbe(probe: Probe | undefined): ProbeSpec | null {
  if (probe === undefined) return null;
  return {
    ...target(probe),
    period: readDuration(probe.period) ?? defaultNumber('readiness.period'),
    timeout: readDuration(probe.timeout) ?? defaultNumber('readiness.timeout'),
    initial_delay: readDuration(probe.initial_delay) ?? defaultNumber('readiness.initial_delay'),
    success_threshold: readInteger(probe.success_threshold) ?? defaultNumber('readiness.success_threshold'),
    failure_threshold: readInteger(probe.failure_threshold) ?? defaultNumber('readiness.failure_threshold'),
  };
}

function target(probe: Probe): Pick<ProbeSpec, 'http' | 'tcp' | 'exec' | 'log'> {
  if (probe.http !== undefined) {
    const { port, path, host, status, listener } = probe.http;
    return {
      http: {
        port: Number(port),
        path: path ?? defaultText('readiness.http.path'),
        host: host ?? defaultText('readiness.http.host'),
        ...(status === undefined ? {} : { status }),
        ...(listener === 'any' && { listener }),
      },
    };
  }
  if (probe.tcp !== undefined) {
    const { port, host, listener } = probe.tcp;
    return {
      tcp: {
        port: Number(port),
        host: host ?? defaultText('readiness.tcp.host'),
        ...(listener === 'any' && { listener }),
      },
    };
  }
  if (probe.exec !== undefined) return { exec: { command: probe.exec.command.map(String) } };
  return probe.log === undefined ? {} : { log: probe.log };
}

export function normaliseHeartbeat(heartbeat: App['heartbeat']): AppSpec['heartbeat'] {
  if (heartbeat === undefined) return null;
  return {
    interval: readDuration(heartbeat.interval) ?? defaultNumber('heartbeat.interval'),
    misses: readInteger(heartbeat.misses) ?? defaultNumber('heartbeat.misses'),
  };
}

/** What the schema cannot say of probes. */
export function probeNotes(
  spec: Pick<AppSpec, 'readiness' | 'liveness' | 'startup' | 'heartbeat' | 'disable_logs'>,
): SpecNote[] {
  const kinds = ['readiness', 'liveness', 'startup'] as const;
  const probes = kinds.flatMap((kind) => {
    const probe = spec[kind];
    if (probe === null) return [];
    const message = probe.log === undefined ? null : logProblem(kind, probe.log, spec.disable_logs);
    return [
      ...(message === null ? [] : [badValue([kind, 'log'], message)]),
      ...tooShort([kind, 'period'], probe.period, SHORTEST_PERIOD_MS),
      ...tooShort([kind, 'timeout'], probe.timeout, 1),
    ];
  });
  const interval = spec.heartbeat?.interval ?? SHORTEST_PERIOD_MS;
  return [...probes, ...tooShort(['heartbeat', 'interval'], interval, SHORTEST_PERIOD_MS)];
}

/** Looking more often costs a processor and finds nothing sooner that matters. */
const SHORTEST_PERIOD_MS = 100;

function tooShort(path: readonly string[], ms: number, least: number): SpecNote[] {
  if (ms >= least) return [];
  return [badValue(path, `${formatDuration(ms)} is too short: at least ${formatDuration(least)}`)];
}

function badValue(path: readonly string[], message: string): SpecNote {
  return { level: 'error', code: 'CONFIG_BAD_VALUE', path, message };
}

function logProblem(kind: string, log: string, disabled: boolean): string | null {
  if (kind === 'liveness') return 'a line that was written once says nothing of whether the app is alive now';
  if (disabled) return 'no line can be seen with disable_logs';
  try {
    new RegExp(log);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
