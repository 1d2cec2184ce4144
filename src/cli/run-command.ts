import { Config } from '@oclif/core/config';
import { ERROR_CODES } from '../lib/error-codes.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';
import type { Failure } from '../lib/failure.ts';
import type { CommandClass } from './command-class.ts';
import { asksFor, asksForJson } from './commands/base/output-format.ts';
import { ownWords } from './fast/exec-line.ts';
import { NotPlain } from './fast/plain/not-plain.ts';
import { alwaysDiffers, sayDifference } from './foreign/differences.ts';
import type { CliContext } from './session/context.ts';
import type { CommandShape } from './session/failures.ts';
import { toFailures } from './session/failures.ts';
import { failureDocument, renderFailures } from './views/failure.ts';
import { renderJson } from './views/json.ts';
import { createStyle, wantsColor } from './views/text/terminal.ts';

/** A command line and where it runs. */
export interface RunLine {
  /** As it was typed. */
  readonly argv: readonly string[];
  /** What of it is for the command. */
  readonly own: readonly string[];
  readonly context: CliContext;
}

/**
 * Runs one command, and gives its exit code. What goes wrong is printed once: as text on stderr, or with `-o json` as one
 * object on stdout. Throws NotPlain only, where commands are built without all that they may need (fast/verbs).
 */
export async function runCommand(
  id: string,
  command: CommandClass,
  { argv, own, context }: RunLine,
): Promise<ExitCode> {
  const shape: CommandShape = {
    id: id.replace(':', ' '),
    flags: Object.keys({ ...command.baseFlags, ...command.flags }),
  };
  try {
    // Not loaded, so it knows nothing: only help needs more, and describes every command for it.
    const config = new Config({ root: '/' });
    const running = new command([...own], config, context);
    const exit = await running.run();
    if (exit === EXIT.OK && alwaysDiffers(id) && !asksForJson(ownWords(argv)))
      sayDifference(id, running.context);
    return exit;
  } catch (error) {
    if (error instanceof NotPlain) throw error;
    const exit = report(error, shape, { argv, context });
    const { annotate } = await import('./ci/annotate.ts');
    annotate(toFailures(error, shape), 'error', context, asksFor('github', ownWords(argv)));
    return exit === EXIT.FAILED ? (command.failedExit ?? exit) : exit;
  }
}

/** Prints what was thrown, or a failure; gives the exit code. */
export function report(
  thrown: unknown,
  shape: CommandShape | null,
  { argv, context }: Pick<RunLine, 'argv' | 'context'>,
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
