import { formatDuration } from '../../lib/units.ts';
import type { AppSpec } from '../types.ts';
import type { SpecNote } from './normalise-context.ts';
import { errorMessage } from '../../lib/system-error.ts';

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
    return errorMessage(error);
  }
}
