import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { nearest } from '../../lib/nearest.ts';

/** Wrong use of the command line, to be thrown: exit code 64. */
export function usageError(message: string, hint?: string): FailureError {
  return new FailureError({ code: 'USAGE', message, ...(hint === undefined ? {} : { hint }) });
}

/** The value of a result; its failure is thrown, to be printed at the boundary. */
export function unwrap<T>(result: Result<T, Failure | readonly Failure[]>): T {
  if (result.ok) return result.value;
  const failures = Array.isArray(result.error)
    ? (result.error as readonly Failure[])
    : [result.error as Failure];
  const [first, ...rest] = failures;
  if (first === undefined) throw new Error('a failure without a reason');
  throw new FailureError(first, ...rest);
}

/**
 * Any thrown value as failures. oclif's complaints about flags and arguments become USAGE; what nobody foresaw becomes
 * INTERNAL, with the way to its stack.
 */
export function toFailures(thrown: unknown, command: CommandShape | null): readonly [Failure, ...Failure[]] {
  if (thrown instanceof FailureError) return thrown.failures;
  const usage = usageFailure(thrown, command);
  if (usage !== null) return [usage];
  if (isFolderGone(thrown)) {
    return [
      {
        code: 'FOLDER_GONE',
        message: 'the folder that this command runs in is gone',
        hint: 'cd to a folder that exists, and repeat the command',
      },
    ];
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return [
    {
      code: 'INTERNAL',
      message: `unexpected: ${message}`,
      hint: 'run it again with STATEWARD_DEBUG=1 to see the stack, and report it as a bug',
    },
  ];
}

/** What Node says when somebody asks for a working folder that was removed. */
function isFolderGone(thrown: unknown): boolean {
  return thrown instanceof Error && 'syscall' in thrown && thrown.syscall === 'uv_cwd';
}

/** What is needed to tell people how a command is used. */
export interface CommandShape {
  readonly id: string;
  /** Long names, without dashes. */
  readonly flags: readonly string[];
}

function usageFailure(thrown: unknown, command: CommandShape | null): Failure | null {
  if (!(thrown instanceof Error) || !('oclif' in thrown)) return null;
  const help = command === null ? 'stateward help' : `stateward ${command.id} --help`;
  const unknownFlag = readUnknownFlag(thrown);
  if (unknownFlag !== null) {
    const meant = unknownFlag.startsWith('--')
      ? nearest(unknownFlag.slice(2).split('=')[0] ?? '', command?.flags ?? [])
      : null;
    const hint =
      meant === null ? `${help} lists those of the command` : `did you mean --${meant}? See ${help}`;
    return { code: 'USAGE', message: `unknown flag ${unknownFlag}`, hint };
  }
  const message = oneLine(thrown.message);
  const file = /^unexpected argument: (\S+)$/.exec(message)?.[1];
  const namesFile = file !== undefined && command?.flags.includes('file') === true;
  const hint = namesFile ? `files are named with -f: stateward ${command.id} -f ${file}` : help;
  return { code: 'USAGE', message, hint };
}

function readUnknownFlag(error: Error): string | null {
  if (!('flags' in error) || !Array.isArray(error.flags)) return null;
  const first: unknown = error.flags[0];
  return typeof first === 'string' ? first : null;
}

/** oclif's messages come as small pages: the first line that says something, without its layout and its advice. */
function oneLine(message: string): string {
  const [first = '', ...rest] = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^See more help with/.test(line));
  const text = (/:$|occurred|^Parsing /.test(first) ? [first, ...rest].join(' ') : first)
    .replace(/^The following errors? occurred: /, '')
    .replace(/^Parsing (--\S+) Expected/, '$1: expected')
    .replace(/=true cannot also be provided when using/, ' cannot go with');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
