import { mkdir } from 'node:fs/promises';
import { findProgram } from '../../processes/find-program.ts';
import { runProgram, type ProgramEnd, type ProgramResult } from '../../processes/run-program.ts';
import { plainEnvironment, SETTINGS } from './environment.ts';

export interface GitRun {
  readonly args: readonly string[];
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly totalMs?: number;
  readonly stallMs?: number;
  readonly maxOutput?: number;
  readonly watch?: () => Promise<ProgramEnd | null>;
  readonly signal?: AbortSignal | undefined;
}

/** For what is read of the mirror: no network, so it is a matter of seconds. */
const READ_MS = 120_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

/** The program git, with nothing configured but by us. */
export class Git {
  readonly #program: string | null;
  readonly #scratch: string;
  readonly #env: Readonly<Record<string, string>>;

  /** `scratch`: a folder of ours, made when needed, that stands in for the home folder of the user. */
  constructor(scratch: string, env: Readonly<Record<string, string | undefined>>) {
    this.#program = findProgram('git', env['PATH']);
    this.#scratch = scratch;
    this.#env = plainEnvironment(scratch, env);
  }

  get isThere(): boolean {
    return this.#program !== null;
  }

  /** The variables that every run has. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** Never rejects for what git does; `dir` is the repository that it works in, absent: none. */
  async run(run: GitRun, dir?: string): Promise<ProgramResult> {
    const { args, settings = [], env = {}, totalMs = READ_MS, maxOutput = MAX_OUTPUT, ...rest } = run;
    if (this.#program === null) {
      return { code: null, signal: null, stdout: Buffer.alloc(0), stderr: 'there is no git', ended: null };
    }
    await mkdir(this.#scratch, { recursive: true, mode: 0o700 });
    return runProgram({
      file: this.#program,
      args: [
        ...[...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]),
        ...(dir === undefined ? [] : [`--git-dir=${dir}`]),
        ...args,
      ],
      cwd: this.#scratch,
      env: { ...this.#env, ...env },
      totalMs,
      maxOutput,
      ...rest,
    });
  }
}
