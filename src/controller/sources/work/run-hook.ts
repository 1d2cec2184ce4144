import type { Failure } from '../../../lib/failure.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import { formatSpan } from '../../../lib/units.ts';
import type { HookSpec, SourceHooks } from '../../../sources/model/source.ts';
import { findCommand } from '../../../sources/processes/find-program.ts';
import { lastLines } from '../../../sources/processes/last-lines.ts';
import type { ProgramResult } from '../../../sources/processes/run-program.ts';
import { runFindable } from '../../../sources/releases/findable.ts';

export type HookName = keyof SourceHooks;

export interface HookRun {
  readonly name: HookName;
  readonly hook: HookSpec;
  /** The release. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** See runFindable. */
  readonly note: string;
  readonly signal: AbortSignal;
}

export interface HookFailure extends Failure {
  /** It says nothing of the version: trying again may do. */
  readonly passing: boolean;
}

const MAX_OUTPUT = 4 * 1024 * 1024;

/** Runs a command around a version. Gives why it has failed; null: it ended well. */
export async function runHook(run: HookRun): Promise<HookFailure | null> {
  const { hook, cwd, env, note, signal } = run;
  const [program = '', ...args] = hook.command;
  const file = findCommand(program, cwd, env['PATH']);
  if (file === null) return noProgram(run, program);
  const order = { file, args, cwd, env, signal, totalMs: hook.timeoutMs, maxOutput: MAX_OUTPUT };
  try {
    const result = await runFindable(note, order);
    if (result.code === 0) return null;
    const details = lastLines(`${result.stdout.toString('utf8')}\n${result.stderr}`);
    const passing = result.ended === 'cancelled' || result.signal !== null;
    return failed(run, howEnded(result, hook), {
      passing,
      hint: passing
        ? 'somebody has ended it; it is tried again by itself'
        : 'push a commit for which it succeeds; stateward source sync tries this one again',
      ...(details.length > 0 && { details }),
    });
  } catch (error) {
    const hint = 'free some space, or mend what the message says; it is tried again by itself';
    return failed(run, `was not run: ${errorMessage(error)}`, { passing: true, hint });
  }
}

function noProgram(run: HookRun, program: string): HookFailure {
  if (program.includes('/')) {
    const hint = `commit it with its executable bit (git update-index --chmod=+x), or correct hooks.${run.name}`;
    return failed(run, `was not run: ${program} is not a program in the commit`, { passing: false, hint });
  }
  const hint = 'install it, or start the daemon with a PATH that has it; it is tried again by itself';
  return failed(run, `was not run: there is no ${program} on the PATH of the daemon`, {
    passing: true,
    hint,
  });
}

function failed(
  { name, hook }: HookRun,
  words: string,
  more: Pick<HookFailure, 'passing' | 'hint' | 'details'>,
): HookFailure {
  const message = `${name} (${hook.command.join(' ')}) ${words}`;
  return { code: 'SOURCE_HOOK_FAILED', message, ...more };
}

function howEnded({ code, signal, ended, stderr }: ProgramResult, { timeoutMs }: HookSpec): string {
  if (ended === 'too-long') return `was ended: it took longer than ${formatSpan(timeoutMs)}`;
  if (ended === 'too-big') return 'was ended: it wrote too much';
  if (ended !== null) return 'was cancelled';
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? `could not be started: ${stderr.trim()}` : `exited with code ${code}`;
}
