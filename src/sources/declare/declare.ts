import { dirname } from 'node:path';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { DeclareAnswer, DeclareRequest } from '../../config/declared-answer.ts';
import { lastLines } from '../processes/last-lines.ts';
import { runProgram, type ProgramResult } from '../processes/run-program.ts';

export interface DeclareOptions {
  /** The built program (src/sources/declare/main.ts). */
  readonly program: string;
  /** For `${VAR}` in the file. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'after'>;
  readonly signal?: AbortSignal;
}

/** Longer than the file's own JavaScript may take. */
const LIMIT_MS = 30_000;
const HEAP_MB = 512;
const OUTPUT_BYTES = 128 * 1024 * 1024;

/** What was read, or why not. */
export type Declared = DeclareAnswer & {
  /** It says nothing of the file: the process that reads it was ended, or could not be started. */
  readonly passing?: true;
};

/** Reads an ecosystem file in a process of its own, with bounds of time, memory and output. */
export async function declare(request: DeclareRequest, options: DeclareOptions): Promise<Declared> {
  const { program, environment, clock, signal } = options;
  const env = Object.entries(environment).filter((one): one is [string, string] => one[1] !== undefined);
  const result = await runProgram({
    file: process.execPath,
    args: [`--max-old-space-size=${HEAP_MB}`, program],
    cwd: dirname(request.file),
    env: Object.fromEntries(env),
    input: JSON.stringify(request),
    totalMs: LIMIT_MS,
    maxOutput: OUTPUT_BYTES,
    clock,
    signal,
  });
  return parsed(result.stdout) ?? broken(request, result);
}

function parsed(output: Buffer): DeclareAnswer | null {
  try {
    return JSON.parse(output.toString('utf8')) as DeclareAnswer;
  } catch {
    return null;
  }
}

function broken({ shown }: DeclareRequest, result: ProgramResult): Declared {
  const details = lastLines(result.stderr);
  const passing = isOfHost(result);
  const failure: Failure = {
    code: 'CONFIG_UNREADABLE',
    message: `cannot read ${shown}: ${whyBroken(result)}`,
    ...(passing
      ? {
          hint: 'mend what the message says (a new version that is being installed?); it is tried again by itself',
        }
      : { position: { file: shown } }),
    ...(details.length > 0 && { details }),
  };
  return { ok: false, failures: [failure], read: [], ...(passing && { passing }) };
}

/** Whoever reads a file that is too much for it is out of time, of room to answer, or aborts for want of memory. */
function isOfHost({ signal, ended }: ProgramResult): boolean {
  return (ended === null && signal !== 'SIGABRT') || ended === 'cancelled';
}

function whyBroken({ code, signal, ended }: ProgramResult): string {
  switch (ended) {
    case 'too-long':
      return `reading it took longer than ${LIMIT_MS / 1_000} s`;
    case 'too-big':
      return 'it declares more than can be read';
    case 'cancelled':
    case 'stalled':
      return 'it was given up';
    case null:
      return code === null && signal === null
        ? 'the process that reads it cannot be started'
        : `the process that reads it ended (${signal ?? `exit code ${code}`})`;
  }
}
