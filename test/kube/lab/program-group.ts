import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Programs that run until they are stopped together, with a log each in a folder. None of them outlives this process. */
export class ProgramGroup {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #running: ChildProcess[] = [];

  constructor(folder: string, env = process.env) {
    this.#folder = folder;
    this.#env = env;
  }

  start(program: string, args: readonly string[]): ChildProcess {
    const log = openSync(join(this.#folder, `${basename(program)}.log`), 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', log, log],
    });
    this.#running.push(child);
    return child;
  }

  /** The last one first. There is nothing that would have to be kept. */
  async stop(): Promise<void> {
    for (const child of this.#running.toReversed()) await killed(child);
  }
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
