import { Config } from '@oclif/core/config';
import { systemClock } from '../lib/clocks/clock.ts';
import { ERROR_CODES } from '../lib/error-codes.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';
import type { Failure } from '../lib/failure.ts';
import { alwaysDiffers, sayDifference } from './foreign/differences.ts';
import { COMMANDS } from './generated/command-table.ts';
import type { BuiltFiles, CliContext } from './session/context.ts';
import { toFailures } from './session/failures.ts';
import type { CommandShape } from './session/failures.ts';
import { ownWords } from './fast/exec-line.ts';
import { asksFor, asksForJson } from './commands/base/output-format.ts';
import type { CommandClass } from './command-class.ts';
import { resolveCommand } from './resolve-command.ts';
import { logicalFolder } from './session/working-folder.ts';
import { createStyle, wantsColor } from './views/text/terminal.ts';
import { failureDocument, renderFailures } from './views/failure.ts';
import { renderJson } from './views/json.ts';

export interface MainOptions {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly version: string;
  readonly files: BuiltFiles;
  /** Told of the command before it runs. */
  readonly begins?: (command: Pick<CommandClass, 'endsWithReader'>) => void;
}

/**
 * Runs one command line against this process and gives its exit code. Everything that goes wrong ends up here and is
 * printed once: as text on stderr, or with `-o json` as one object on stdout.
 */
export async function main(options: MainOptions): Promise<ExitCode> {
  const context: CliContext = {
    streams: { stdout: process.stdout, stderr: process.stderr },
    env: process.env,
    // Looked up by who needs it: the folder may be gone, and most commands need none.
    get cwd() {
      return logicalFolder(process.cwd(), process.env['PWD']);
    },
    clock: systemClock,
    version: options.version,
    files: options.files,
  };
  return runCommandLine(options, context);
}

/** The same in other surroundings than those of this process. */
export async function runCommandLine(
  { argv, begins }: Pick<MainOptions, 'argv' | 'begins'>,
  context: CliContext,
): Promise<ExitCode> {
  const names = Object.entries(COMMANDS).map(([id, entry]) => ({ id, ...entry }));
  const invocation = resolveCommand(argv, names);
  if (!invocation.ok) {
    const asksTopic = argv[0] === 'help';
    if (asksTopic && (await isTopic(argv.slice(1), context))) return EXIT.OK;
    return report(asksTopic ? asTopic(invocation.error) : invocation.error, null, { argv, context });
  }
  if (invocation.value.kind === 'help') {
    const { showHelp } = await import('./help/show-help.ts');
    await showHelp(invocation.value.subject, context);
    return EXIT.OK;
  }
  const { id } = invocation.value;
  const entry = COMMANDS[id];
  if (entry === undefined) throw new Error(`no command ${id}`);
  const { default: command } = await entry.load();
  begins?.(command);
  const shape: CommandShape = {
    id: id.replace(':', ' '),
    flags: Object.keys({ ...command.baseFlags, ...command.flags }),
  };
  try {
    // Not loaded, so it knows nothing: only help needs more, and describes every command for it.
    const config = new Config({ root: '/' });
    const running = new command([...invocation.value.argv], config, context);
    const exit = await running.run();
    if (exit === EXIT.OK && alwaysDiffers(id) && !asksForJson(ownWords(argv)))
      sayDifference(id, running.context);
    return exit;
  } catch (error) {
    const exit = report(error, shape, { argv, context });
    const { annotate } = await import('./ci/annotate.ts');
    annotate(toFailures(error, shape), 'error', context, asksFor('github', ownWords(argv)));
    return exit === EXIT.FAILED ? (command.failedExit ?? exit) : exit;
  }
}

/** `help exit-codes`: prints a page of the documentation, if there is one. */
async function isTopic(words: readonly string[], context: CliContext): Promise<boolean> {
  const { showTopic } = await import('./help/show-help.ts');
  return showTopic(
    words.filter((word) => !word.startsWith('-')),
    context,
  );
}

/** What was asked for may be either. */
function asTopic(failure: Failure): Failure {
  return {
    ...failure,
    message: failure.message.replace('unknown command', 'no command and no topic is called'),
  };
}

function report(
  thrown: unknown,
  shape: CommandShape | null,
  { argv, context }: { readonly argv: readonly string[]; readonly context: CliContext },
): ExitCode {
  const failures = isFailure(thrown) ? ([thrown] as const) : toFailures(thrown, shape);
  const { streams, env } = context;
  const [first] = failures;
  const words = ownWords(argv);
  if (asksForJson(words)) {
    streams.stdout.write(renderJson(failureDocument(failures)));
  } else {
    const noColor = words.includes('--no-color');
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

/** Begins the program that reads the ecosystem files of sources (see scripts/build.mjs): what it is made of is here. */
export async function declare(distDir: string): Promise<void> {
  const { printDeclared } = await import('../config/print-declared.ts');
  await printDeclared(distDir);
}
