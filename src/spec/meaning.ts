import { signalNamed } from '../lib/signals.ts';
import { meaninglessTuning } from './normalise/kernel/normalise-tuning.ts';
import { cronProblem, isTimeZone } from './cron-text.ts';
import { PROBE_KINDS } from './probes/network-probe.ts';
import type { AppSpec } from './types.ts';

/** A field whose text means nothing, though it is a text as its shape says. */
export interface MeaninglessField {
  readonly path: readonly [keyof AppSpec, ...string[]];
  readonly message: string;
  readonly hint?: string;
}

const LOGS = ['out_file', 'error_file', 'log_file'] as const;
/** The output of the daemon, where a log file may be named. */
const DAEMON_OUTPUT = '-';

/** What no shape can say of the fields of an app: schedules, time zones, patterns, absolute paths, permission bits, signals. */
export function meaninglessFields(spec: AppSpec): readonly MeaninglessField[] {
  return [
    ...schedules(spec),
    ...patterns(spec),
    ...paths(spec),
    ...umask(spec),
    ...signals(spec),
    ...meaninglessTuning(spec),
  ];
}

function schedules(spec: AppSpec): readonly MeaninglessField[] {
  const hint = 'for example "0 2 * * *" for every night at 2, or @hourly';
  const expressions = (['cron_restart', 'schedule'] as const).flatMap(
    (field): readonly MeaninglessField[] => {
      const text = spec[field] ?? null;
      const message = text === null ? null : cronProblem(text);
      return message === null ? [] : [{ path: [field], message, hint }];
    },
  );
  const zone = spec.cron_timezone ?? null;
  if (zone === null || isTimeZone(zone)) return expressions;
  const message = `${JSON.stringify(zone)} is not a time zone`;
  return [...expressions, { path: ['cron_timezone'], message, hint: 'for example Europe/Berlin, or UTC' }];
}

function patterns(spec: AppSpec): readonly MeaninglessField[] {
  return PROBE_KINDS.filter((probe) => spec[probe]?.log !== undefined && !isPattern(spec[probe].log)).map(
    (probe) => ({
      path: [probe, 'log'],
      message: 'this is not a regular expression',
    }),
  );
}

function paths(spec: AppSpec): readonly MeaninglessField[] {
  // What an older command leaves out has its default later.
  const isMeant = (path: string | null | undefined): boolean => path?.startsWith('/') ?? true;
  return [
    ...(isMeant(spec.cwd) ? [] : (['cwd'] as const)),
    ...(isMeant(spec.serve?.path) ? [] : (['serve'] as const)),
    ...LOGS.filter((field) => !isMeant(spec[field]) && spec[field] !== DAEMON_OUTPUT),
  ].map((field) => ({ path: [field], message: 'this is not an absolute path' }));
}

function umask({ umask: bits }: AppSpec): readonly MeaninglessField[] {
  if (bits === undefined || /^0?[0-7]{3}$/.test(bits)) return [];
  return [{ path: ['umask'], message: 'these are not three octal digits' }];
}

function signals({ stop_signal: stop, reload, shutdown }: AppSpec): readonly MeaninglessField[] {
  // What an older command leaves out has its default later.
  const isSignal = (name: string | null | undefined): boolean => name == null || signalNamed(name) === name;
  const message = 'this is not the name of a signal';
  const isEmpty = (command: readonly string[] | null | undefined): boolean => command?.length === 0;
  const empty = 'this names no program';
  return [
    ...(isSignal(stop) ? [] : [{ path: ['stop_signal'], message } as const]),
    ...(isSignal(reload?.signal) ? [] : [{ path: ['reload', 'signal'], message } as const]),
    ...(isEmpty(reload?.command) ? [{ path: ['reload', 'command'], message: empty } as const] : []),
    ...(isEmpty(shutdown?.command) ? [{ path: ['shutdown', 'command'], message: empty } as const] : []),
  ];
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
