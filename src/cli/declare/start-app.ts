import * as Flags from '@oclif/core/flags';
import { availableParallelism } from 'node:os';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { ok } from '../../lib/result.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { CliContext } from '../session/context.ts';

/** PM2's flags of `start`, under the names that its users know. Values are checked like those of a file. */
export const appFlags = {
  name: Flags.string({ char: 'n', description: 'Name of the app.', helpValue: 'NAME', helpGroup: 'APP' }),
  namespace: Flags.string({ description: 'Group of the app.', helpValue: 'NAME', helpGroup: 'APP' }),
  instances: Flags.string({
    char: 'i',
    description: 'How many: a number, max, 0 or -N.',
    helpValue: 'N',
    helpGroup: 'APP',
  }),
  interpreter: Flags.string({ description: 'Program that runs the script.', helpGroup: 'APP' }),
  'interpreter-args': Flags.string({
    aliases: ['node-args'],
    description: 'Arguments of the interpreter.',
    helpValue: 'ARGS',
    helpGroup: 'APP',
  }),
  cwd: Flags.string({ description: 'Folder that the script runs in.', helpValue: 'DIR', helpGroup: 'APP' }),
  watch: Flags.boolean({ description: 'Restart when a file changes.', helpGroup: 'APP' }),
  'max-memory-restart': Flags.string({
    description: 'Restart over this much memory.',
    helpValue: 'SIZE',
    helpGroup: 'APP',
  }),
  'max-restarts': Flags.string({
    description: 'Give up after this many unstable starts.',
    helpValue: 'N',
    helpGroup: 'APP',
  }),
  'restart-delay': Flags.string({
    description: 'Pause before a restart.',
    helpValue: 'DURATION',
    helpGroup: 'APP',
  }),
  'kill-timeout': Flags.string({
    char: 'k',
    description: 'Grace before SIGKILL.',
    helpValue: 'DURATION',
    helpGroup: 'APP',
  }),
  'cron-restart': Flags.string({
    aliases: ['cron'],
    description: 'Restart by this cron expression.',
    helpValue: 'CRON',
    helpGroup: 'APP',
  }),
  autorestart: Flags.boolean({
    allowNo: true,
    default: true,
    description: 'Start again after an exit.',
    helpGroup: 'APP',
  }),
  'out-file': Flags.string({
    description: 'Log file of standard output.',
    helpValue: 'FILE',
    helpGroup: 'APP',
  }),
  'error-file': Flags.string({
    char: 'e',
    aliases: ['error'],
    description: 'Log file of standard error.',
    helpValue: 'FILE',
    helpGroup: 'APP',
  }),
  time: Flags.boolean({ description: 'Prefix log lines with the time.', helpGroup: 'APP' }),
};

/** What was given of `appFlags`, by flag. */
export type AppFlagValues = Readonly<Partial<Record<keyof typeof appFlags, string | boolean | undefined>>>;

/** Names of the app flags that say something else than their default. */
export function givenAppFlags(flags: AppFlagValues): readonly (keyof typeof appFlags)[] {
  const names = Object.keys(appFlags) as (keyof typeof appFlags)[];
  return names.filter((name) =>
    name === 'autorestart' ? flags[name] === false : flags[name] !== undefined && flags[name] !== false,
  );
}

export interface DeclaredScript {
  readonly project: ProjectSpec;
  readonly warnings: readonly Failure[];
}

export interface DeclareScriptOptions {
  readonly script: string;
  /** Arguments of the script. */
  readonly passthrough: readonly string[];
  readonly flags: AppFlagValues;
  /** The name given with `--env`. */
  readonly env: string | undefined;
  readonly context: CliContext;
}

/** A script on the command line as the app of project `default` that a file with the same words would declare. */
export async function declareScript(
  options: DeclareScriptOptions,
): Promise<Result<DeclaredScript, readonly Failure[]>> {
  const { appFromCommandLine } = await import('../../config/command-line.ts');
  const { script, passthrough, flags, context } = options;
  const warnings: Failure[] = [];
  const project = appFromCommandLine({
    app: appEntry(script, passthrough, flags),
    env: options.env ?? null,
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
  const given = givenAppFlags(flags).map(
    (name) => [name.replaceAll('-', '_'), valueOf(flags[name])] as const,
  );
  return { script, ...(passthrough.length === 0 ? {} : { args: passthrough }), ...Object.fromEntries(given) };
}

/** Numbers as numbers: a file would not quote them. */
function valueOf(value: string | boolean | undefined): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}
