import { dirname } from 'node:path';
import type { SettingsAnswer, SettingsRequest } from '../../home/settings/settings-answer.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { lastLines } from '../../sources/processes/last-lines.ts';
import { runProgram } from '../../sources/processes/run-program.ts';

export interface ReadApartOptions {
  /** The built program that reads files of people. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'after'>;
}

/** What a file says, or why that cannot be told; `passing`: that is no fault of the file, and it can be tried again. */
export type ReadApart = SettingsAnswer & { readonly passing?: true };

const LIMIT_MS = 20_000;
const HEAP_MB = 128;
const OUTPUT_BYTES = 4 * 1024 * 1024;

/** Reads a config.yaml in a process of its own, with bounds of time, memory and output. */
export async function readApart(
  bytes: Buffer,
  { shown, home }: Pick<SettingsRequest, 'shown' | 'home'>,
  { program, environment, clock }: ReadApartOptions,
): Promise<ReadApart> {
  const request: SettingsRequest = { settings: bytes.toString('base64'), shown, home };
  const env = Object.entries(environment).filter((one): one is [string, string] => one[1] !== undefined);
  const { stdout, stderr, code, signal, ended } = await runProgram({
    file: process.execPath,
    args: [`--max-old-space-size=${HEAP_MB}`, program],
    cwd: dirname(program),
    env: Object.fromEntries(env),
    input: JSON.stringify(request),
    totalMs: LIMIT_MS,
    maxOutput: OUTPUT_BYTES,
    clock,
  });
  try {
    return JSON.parse(stdout.toString('utf8')) as SettingsAnswer;
  } catch {
    const details = lastLines(stderr);
    const why = ended ?? signal ?? (code === null ? 'it cannot be started' : `exit code ${code}`);
    const message = `${shown} could not be read: the process that reads it has ended without an answer (${why})`;
    const hint = 'is a new version being installed? it is tried again by itself';
    const failure = { code: 'CONFIG_UNREADABLE', message, hint, position: { file: shown } } as const;
    return { ok: false, failures: [{ ...failure, ...(details.length > 0 && { details }) }], passing: true };
  }
}
