import { availableParallelism } from 'node:os';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { ok } from '../../lib/result.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import { givenAppFlags } from './app-flags.ts';
import type { AppFlag, AppFlagValues } from './app-flags.ts';
import type { CliContext } from '../session/context.ts';
import { usageError } from '../session/failures.ts';

export interface DeclaredScript {
  readonly project: ProjectSpec;
  readonly warnings: readonly Failure[];
}

export interface DeclareScriptOptions {
  readonly script: string;
  /** Arguments of the script. */
  readonly passthrough: readonly string[];
  readonly flags: AppFlagValues;
  readonly context: CliContext;
}

/** A script on the command line as an app of the project `default`, as a file with the same words would declare it. */
export async function declareScript(
  options: DeclareScriptOptions,
): Promise<Result<DeclaredScript, readonly Failure[]>> {
  const { appFromCommandLine } = await import('../../config/command-line.ts');
  const { script, passthrough, flags, context } = options;
  const warnings: Failure[] = [];
  const project = appFromCommandLine({
    app: appEntry(script, passthrough, flags),
    environment: context.env,
    cwd: context.cwd,
    cpus: availableParallelism(),
    onWarnings: (found) => warnings.push(...found),
  });
  return project.ok ? ok({ project: project.value, warnings }) : project;
}

/** The entry under `apps` that says the same: flags are the file's keys with dashes. */
export function appEntry(
  script: string,
  passthrough: readonly string[],
  flags: AppFlagValues,
): Readonly<Record<string, unknown>> {
  const given = givenAppFlags(flags).map((name) => entryOf(name, flags[name]));
  return { script, ...(passthrough.length === 0 ? {} : { args: passthrough }), ...Object.fromEntries(given) };
}

/** Flags whose values a file would not quote; a name stays a text, whatever it is made of. */
const NUMERIC: readonly AppFlag[] = [
  'instances',
  'uid',
  'gid',
  'max-memory-restart',
  'max-restarts',
  'min-uptime',
  'restart-delay',
  'exp-backoff-restart-delay',
  'stop-exit-codes',
  'listen-timeout',
  'kill-timeout',
  'cron-restart',
];

function entryOf(name: AppFlag, value: AppFlagValues[AppFlag]): readonly [string, unknown] {
  switch (name) {
    case 'set-env':
      return ['env', Object.fromEntries(listOf(value).map(variable))];
    case 'execute-command':
      return ['exec_mode', 'fork'];
    case 'watch-delay':
      return ['watch_delay', /^\d+(\.\d+)?$/.test(String(value)) ? `${String(value)}s` : value];
    case 'watch-paths':
      return ['watch', value];
    case 'ignore-watch':
      return ['ignore_watch', listOf(value).flatMap((words) => words.split(/\s+/).filter(Boolean))];
    default: {
      const key = name.replaceAll('-', '_');
      if (!NUMERIC.includes(name)) return [key, value];
      return [key, typeof value === 'object' ? value.map(numberOf) : numberOf(value)];
    }
  }
}

function listOf(value: AppFlagValues[AppFlag]): readonly string[] {
  return typeof value === 'object' ? value : [];
}

function variable(words: string): readonly [string, string] {
  const at = words.indexOf('=');
  if (at > 0) return [words.slice(0, at), words.slice(at + 1)];
  throw usageError(
    `-e ${words} sets nothing`,
    `-e ${words}=VALUE sets it; --inherit-env ${words} hands on what this shell has`,
  );
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}
