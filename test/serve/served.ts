import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServeSpec } from '../../src/spec/types.ts';
import { freePort } from '../support/free-port.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/serve.cjs');

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** The built server over a folder of its own. */
export interface Served extends AsyncDisposable {
  /** The folder that is served; beside it lies what must not be. */
  readonly root: string;
  readonly stderr: () => string;
  readonly port: number;
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Reply>;
  /** Sends bytes as they are, and gives everything that comes until the server ends the connection. */
  raw(bytes: string): Promise<string>;
  /** Resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** `files`: name below the folder -> content. */
export async function serveFiles(
  files: Readonly<Record<string, string | Buffer>>,
  settings: Partial<ServeSpec> | ((root: string) => Partial<ServeSpec>) = {},
  env: Record<string, string> = {},
): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'swserve-'));
  const root = join(folder, 'site');
  await mkdir(root);
  await writeFile(join(folder, 'outside.txt'), 'OUTSIDE');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  const port = await freePort();
  const spec: ServeSpec = {
    path: root,
    port,
    host: '127.0.0.1',
    spa: false,
    homepage: 'index.html',
    max_age: 0,
    basic_auth: null,
    ...(typeof settings === 'function' ? settings(root) : settings),
  };
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, ...env, STATEWARD_SERVE: JSON.stringify(spec) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const up = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (typeof up[0] !== 'string') {
    await rm(folder, { recursive: true, force: true });
    throw new Error(errors);
  }
  return {
    root,
    stderr: () => errors,
    port,
    get: (path, headers = {}, method = 'GET') =>
      new Promise((done, failed) => {
        request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('end', () => {
            const body = Buffer.concat(chunks);
            done({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body,
              text: body.toString(),
            });
          });
          response.once('error', failed);
        })
          .once('error', failed)
          .end();
      }),
    raw: (bytes) =>
      new Promise((done, failed) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
        socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
        socket.once('error', (error: NodeJS.ErrnoException) => {
          // A server that has not read all before it ended the connection resets it.
          if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') failed(error);
        });
        socket.once('close', () => done(answer));
      }),
    async stop(signal) {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
