import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { LaunchResponse } from '../../api/contract/wire/surroundings/launches.ts';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import { errorCode } from '../../lib/system-error.ts';

/** A terminal sends these to everything in front of it: the command decides what they mean, and its end is ours. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
/** Whoever ends us means the command. */
const FOR_COMMAND = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command with the streams of this process, in its process group: a terminal stays one. Gives its exit code,
 * 128 + n where signal n has ended it.
 */
export async function runCommand(
  { file, args, cwd, umask }: LaunchResponse,
  env: Readonly<Record<string, string>>,
  name: string,
): Promise<number> {
  process.umask(umask);
  // Before it runs: a signal that comes right after that would end this process alone.
  for (const signal of FROM_TERMINAL) process.on(signal, () => undefined);
  for (const signal of FOR_COMMAND) process.on(signal, () => child.kill(signal));
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new FailureError(notRun(name, errorCode(error)))));
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

function notRun(name: string, code: string | undefined): Failure {
  if (code === 'EACCES')
    return { code: 'EXEC_NOT_RUNNABLE', message: `cannot run ${name}: it may not be executed` };
  if (code === 'ENOENT') {
    return {
      code: 'EXEC_NOT_FOUND',
      message: `cannot run ${name}: there is no such program`,
      hint: 'is its interpreter there, which its first line names?',
    };
  }
  return { code: 'EXEC_FAILED', message: `cannot run ${name}: ${code ?? 'it could not be started'}` };
}
