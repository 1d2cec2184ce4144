import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { CliContext } from '../session/context.ts';
import type { RunLine } from './tool.ts';

/** Runs command lines of this very build, each in a process of its own, which talks to the daemon of `home`. */
export function lineRunner(
  { cwd, env }: Pick<CliContext, 'cwd' | 'env'>,
  bin: string,
  home: string,
): RunLine {
  return async (words) => {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd,
      env: { ...env, STATEWARD_HOME: home, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? KILLED));
    });
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, stdout, stderr };
  };
}

/** Somebody has ended it by a signal. */
const KILLED = 130;
