import type { Failure } from '../../../lib/failure.ts';
import { formatSpan } from '../../../lib/units.ts';
import type { HookSpec, SourceHooks } from '../../../sources/model/source.ts';
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
const LINES_TOLD = 10;

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
  if (result.code === 0 && result.ended === null) return null;
  const said = `${result.stdout.toString('utf8')}\n${result.stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '');
  return {
    code: 'SOURCE_HOOK_FAILED',
    message: `${name} (${hook.command.join(' ')}) ${howEnded(result, hook)}`,
    ...(said.length > 0 && { details: said.slice(-LINES_TOLD) }),
  };
}

function howEnded({ code, ended }: ProgramResult, { timeoutMs }: HookSpec): string {
  if (ended === 'too-long') return `was ended: it took longer than ${formatSpan(timeoutMs)}`;
  if (ended !== null) return `was ended (${ended})`;
  return code === null ? 'was ended by a signal, or could not be started' : `exited with code ${code}`;
}
