import { Help } from '@oclif/core';
import { systemClock } from '../lib/clock.ts';
import { ERROR_CODES } from '../lib/error-codes.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';
import type { Failure } from '../lib/failure.ts';
import { COMMANDS } from './command-table.ts';
import type { BuiltFiles, CliContext } from './context.ts';
import { toFailures } from './failures.ts';
import type { CommandShape } from './failures.ts';
import { loadOclifConfig } from './oclif-config.ts';
import { asksForJson } from './output-format.ts';
import { resolveCommand } from './resolve-command.ts';
import { createStyle, wantsColor } from './terminal.ts';
import { failureDocument, renderFailures } from './views/failure.ts';
import { renderJson } from './views/json.ts';

export interface MainOptions {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly version: string;
  readonly files: BuiltFiles;
}

/**
 * Runs one command line against this process and gives its exit code. Everything that goes wrong ends up here and is
 * printed once: as text on stderr, or with `-o json` as one object on stdout.
 */
export async function main(options: MainOptions): Promise<ExitCode> {
  const context: CliContext = {
    streams: { stdout: process.stdout, stderr: process.stderr },
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    version: options.version,
    files: options.files,
  };
  return runCommandLine(options.argv, context);
}

async function runCommandLine(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const names = Object.entries(COMMANDS).map(([id, { aliases }]) => ({ id, aliases }));
  const invocation = resolveCommand(argv, names);
  if (!invocation.ok) return report(invocation.error, null, { argv, context });
  if (invocation.value.kind === 'help') return showHelp(invocation.value.subject, context);
  const { id } = invocation.value;
  const command = COMMANDS[id];
  if (command === undefined) throw new Error(`no command ${id}`);
  const shape: CommandShape = {
    id: id.replace(':', ' '),
    flags: Object.keys({ ...command.baseFlags, ...command.flags }),
  };
  try {
    const config = await loadOclifConfig({
      version: context.version,
      root: context.cwd,
      commands: COMMANDS,
      describe: false,
    });
    return await new command([...invocation.value.argv], config, context).execute();
  } catch (error) {
    const exit = report(error, shape, { argv, context });
    return exit === EXIT.FAILED ? (command.failedExit ?? exit) : exit;
  }
}

async function showHelp(subject: readonly string[], context: CliContext): Promise<ExitCode> {
  const config = await loadOclifConfig({
    version: context.version,
    root: context.cwd,
    commands: COMMANDS,
    describe: true,
  });
  const help = new Help(config, config.pjson.oclif.helpOptions);
  await help.showHelp([subject.join(':')].filter((word) => word !== ''));
  return EXIT.OK;
}

function report(
  thrown: unknown,
  shape: CommandShape | null,
  { argv, context }: { readonly argv: readonly string[]; readonly context: CliContext },
): ExitCode {
  const failures = isFailure(thrown) ? ([thrown] as const) : toFailures(thrown, shape);
  const { streams, env } = context;
  const [first] = failures;
  if (asksForJson(argv)) {
    streams.stdout.write(renderJson(failureDocument(failures)));
  } else {
    const noColor = argv.includes('--no-color');
    const style = createStyle(wantsColor(streams.stderr, { env, noColor }));
    streams.stderr.write(renderFailures(failures, style));
  }
  if (first.code === 'INTERNAL' && truthy(env['STATEWARD_DEBUG']) && thrown instanceof Error) {
    streams.stderr.write(`${thrown.stack ?? ''}\n`);
  }
  return exitCodeOf(first);
}

function isFailure(thrown: unknown): thrown is Failure {
  return typeof thrown === 'object' && thrown !== null && !(thrown instanceof Error) && 'code' in thrown;
}

/** A code that a newer daemon made up is a plain failure. */
function exitCodeOf({ code }: Failure): ExitCode {
  const codes: Readonly<Partial<Record<string, ExitCode>>> = ERROR_CODES;
  return codes[code] ?? EXIT.FAILED;
}

function truthy(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0';
}
