import type { Failure } from '../../../lib/failure.ts';
import { formatSpan } from '../../../lib/units.ts';
import type { HookSpec, SourceHooks } from '../../../sources/model/source.ts';
import { lastLines } from '../../../sources/processes/last-lines.ts';
import { runProgram, type ProgramResult } from '../../../sources/processes/run-program.ts';

export type HookName = keyof SourceHooks;

export interface HookRun {
  readonly name: HookName;
  readonly hook: HookSpec;
  /** The release. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const MAX_OUTPUT = 4 * 1024 * 1024;

/** Runs a command around a version. Gives why it has failed; null: it ended well. */
export async function runHook({ name, hook, cwd, env, signal }: HookRun): Promise<Failure | null> {
  const [file = '', ...args] = hook.command;
  const result = await runProgram({
    file,
    args,
    cwd,
    env,
    signal,
    totalMs: hook.timeoutMs,
    maxOutput: MAX_OUTPUT,
  });
  if (result.code === 0) return null;
  const details = lastLines(`${result.stdout.toString('utf8')}\n${result.stderr}`);
  return {
    code: 'SOURCE_HOOK_FAILED',
    message: `${name} (${hook.command.join(' ')}) ${howEnded(result, hook)}`,
    ...(details.length > 0 && { details }),
  };
}

function howEnded({ code, signal, ended }: ProgramResult, { timeoutMs }: HookSpec): string {
  if (ended === 'too-long') return `was ended: it took longer than ${formatSpan(timeoutMs)}`;
  if (ended !== null) return `was ended (${ended})`;
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? 'could not be started' : `exited with code ${code}`;
}
