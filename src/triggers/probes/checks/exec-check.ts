import { spawn, type ChildProcess } from 'node:child_process';
import type { ProbeOutcome } from '../probe-state.ts';
import type { Check } from '../prober.ts';
import { errorMessage } from '../../../lib/system-error.ts';

/** A command, ready to run. */
export interface ProbeCommand {
  /** As it was declared: what stands in front of it is not for people. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** This much of the end of a command's output is kept for people: there it says what is wrong. */
const MAX_OUTPUT = 512;

/**
 * A command that has to end with code 0. It leads a process group of its own; at the timeout the whole group is killed.
 * `prepare` makes it ready to run; what it throws is the failure.
 */
export function execCheck(prepare: () => Promise<ProbeCommand>): Check {
  return async (signal) => {
    try {
      const command = await prepare();
      return signal.aborted ? { ok: false, text: 'not run' } : await run(command, signal);
    } catch (error) {
      return { ok: false, text: errorMessage(error) };
    }
  };
}

function run({ name, file, args, cwd, env }: ProbeCommand, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-MAX_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const kill = (): void => killGroup(child);
    signal.addEventListener('abort', kill);
    const done = (outcome: ProbeOutcome): void => {
      signal.removeEventListener('abort', kill);
      // What it left behind is not needed any more, and would hold its streams open.
      kill();
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(outcome);
    };
    child.on('error', (error) => done({ ok: false, text: `${name}: ${error.message}` }));
    child.on('exit', (code, by) => {
      const line =
        output
          .trim()
          .split(/[\r\n]+/)
          .at(-1) ?? '';
      const how = by === null ? `ended with code ${code ?? 'unknown'}` : `ended by ${by}`;
      done(
        code === 0 ? { ok: true } : { ok: false, text: `${name} ${how}${line === '' ? '' : `: ${line}`}` },
      );
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
