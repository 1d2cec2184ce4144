import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createApiServer, type ApiServerOptions } from '../../../src/api/server/server.ts';
import type { BuiltCli } from './build.ts';
import { cannedBackend } from './canned.ts';
import type { Canned } from './canned.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Run on a terminal of its own (by script(1)), where stdout and stderr are one. */
  readonly terminal?: boolean;
  /** A line for the shell in place of arguments; `stateward` in it is the command line. */
  readonly shell?: string;
}

/** A home, a working folder and a user's cache of one test, and the command line in them. */
export interface Room extends AsyncDisposable {
  readonly home: string;
  readonly cwd: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  spawn(args: readonly string[], options?: RunOptions): ChildProcessWithoutNullStreams;
  /** Serves canned answers at the home's socket until the room is disposed of. */
  serve(canned: Partial<Canned>, serves?: ApiServerOptions['serves']): Promise<void>;
}

export async function createRoom(cli: BuiltCli): Promise<Room> {
  const folder = await mkdtemp(join(tmpdir(), 'swroom-'));
  const home = join(folder, 'home');
  const servers: AsyncDisposable[] = [];
  const start = (
    args: readonly string[],
    { env = {}, cwd = folder, terminal = false, shell }: RunOptions = {},
  ) => {
    const binary = [process.execPath, cli.bin];
    const command =
      shell === undefined
        ? [...binary, ...args]
        : ['sh', '-c', shell.replaceAll('stateward', binary.join(' '))];
    const [program = '', ...rest] = terminal ? ['script', '-qec', command.join(' '), '/dev/null'] : command;
    return spawn(program, rest, {
      cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        XDG_CACHE_HOME: join(folder, 'cache'),
        STATEWARD_HOME: home,
        STATEWARD_TEST_RUN: process.env['STATEWARD_TEST_RUN'],
        ...env,
      },
    });
  };
  return {
    home,
    cwd: folder,
    spawn: start,
    async run(args, options = {}) {
      const child = start(args, options);
      // Who does not read what it is given may end before it is there.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input ?? '');
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      return { code, stdout, stderr };
    },
    async serve(canned, serves) {
      const { mkdir } = await import('node:fs/promises');
      await mkdir(join(home, 'run'), { recursive: true, mode: 0o700 });
      const socketPath = join(home, 'run', 'api.sock');
      const server = await createApiServer({
        socketPath,
        backend: cannedBackend(canned, home),
        ...(serves !== undefined && { serves }),
      });
      if (!server.ok) throw new Error(server.error.message);
      servers.push(server.value);
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
