import { systemClock } from '../lib/clocks/clock.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';
import type { Failure } from '../lib/failure.ts';
import { COMMANDS } from './generated/command-table.ts';
import type { BuiltFiles, CliContext } from './session/context.ts';
import type { CommandClass } from './command-class.ts';
import { chooseTarget } from './targets/choose.ts';
import { resolveCommand } from './resolve-command.ts';
import { report, runCommand } from './run-command.ts';
import { logicalFolder } from './session/working-folder.ts';

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
    await showHelp(invocation.value.subject, argv, context);
    return EXIT.OK;
  }
  const { id } = invocation.value;
  const ofHost = COMMANDS[id];
  if (ofHost === undefined) throw new Error(`no command ${id}`);
  const chosen = chooseTarget(id, invocation.value.argv);
  if (!chosen.ok) return report(chosen.error, null, { argv, context });
  const { default: command } = await (chosen.value.entry ?? ofHost).load();
  begins?.(command);
  return runCommand(id, command, { argv, own: chosen.value.argv, context });
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

/** Begins the program that reads the ecosystem files of sources (see scripts/build.mjs): what it is made of is here. */
export async function declare(distDir: string): Promise<void> {
  const { printDeclared } = await import('../config/print-declared.ts');
  await printDeclared(distDir);
}
