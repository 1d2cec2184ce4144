import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../lib/system-error.ts';
import { PASSWORD_VARIABLE, SERVE_VARIABLE } from '../spec/serve/serve-variable.ts';
import type { ServeSpec } from '../spec/types.ts';
import { answer, say, type AnswerOptions } from './answer.ts';
import type { Credentials } from './password.ts';
import { createFileSender } from './send-file.ts';

/**
 * The file server: a program of its own, which runs as an app. Its settings come in one variable; what it listens on may
 * be shared with other instances, as in every Node app.
 */
function main(settings: ServeSpec): void {
  const { path, port, host } = settings;
  if (!statSync(path).isDirectory()) throw new Error(`${path} is not a folder`);
  const options = answerOptions(settings);
  const server = createServer((request, response) => {
    response.once('close', () => setImmediate(() => server.emit('idle')));
    void answer(request, response, options).catch((error: unknown) => {
      options.onTrouble(errorMessage(error));
      if (response.headersSent) response.destroy();
      else say(request, response, 500);
    });
  });
  server.on('error', fail);
  server.listen({ port, ...(host !== null && { host }) }, () => {
    const { address, port: bound, family } = server.address() as AddressInfo;
    process.send?.('ready');
    console.log(`${path} is served at http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
  });
  // Answers that have begun are given to their end; the stop itself says how long that may take.
  const stop = (): void => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    server.on('idle', () => server.closeIdleConnections());
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

function answerOptions({ path, homepage, spa, max_age, basic_auth }: ServeSpec): AnswerOptions {
  const file = basic_auth?.password_file ?? null;
  const credentials =
    basic_auth === null ? null : { username: basic_auth.username, password: passwordOf(file) };
  return {
    root: path,
    secret: file === null ? [] : [realpathSync(file)],
    homepage,
    spa,
    credentials: checked(credentials),
    sender: createFileSender({ maxAgeMs: max_age, isPrivate: credentials !== null, onRefused: say }),
    onTrouble: tellSometimes(),
  };
}

/** The file without its last line break: whoever writes one with an editor has one there. */
function passwordOf(file: string | null): string {
  if (file === null) return process.env[PASSWORD_VARIABLE] ?? '';
  const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  if ((statSync(file).mode & 0o077) !== 0) {
    console.error(`${file} holds a password, and other users may read it: chmod 600 ${file}`);
  }
  return text;
}

/** An empty password would let everybody in who knows the name. */
function checked(credentials: Credentials | null): Credentials | null {
  if (credentials === null) return null;
  if (credentials.password === '') throw new Error('basic_auth has no password: it is empty');
  return credentials;
}

const TELL_MS = 10_000;

/** One line now and then, however many requests meet the same trouble. */
function tellSometimes(): (text: string) => void {
  let last = 0;
  return (text) => {
    const now = performance.now();
    if (last !== 0 && now - last < TELL_MS) return;
    last = now;
    console.error(text);
  };
}

function fail(error: unknown): never {
  console.error(errorMessage(error));
  process.exit(1);
}

try {
  const text = process.env[SERVE_VARIABLE];
  if (text === undefined)
    throw new Error(`this program is started by stateward, which sets ${SERVE_VARIABLE}`);
  main(JSON.parse(text) as ServeSpec);
} catch (error) {
  fail(error);
}
