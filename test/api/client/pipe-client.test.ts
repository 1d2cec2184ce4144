import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { rawGet } from '../../../src/api/client/fast-client.ts';
import { pipeGet } from '../../../src/api/client/pipe-client.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swpipe-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

let count = 0;

async function serve(
  answer: (socket: Socket, asked: string) => void,
): Promise<AsyncDisposable & { path: string }> {
  count += 1;
  const path = join(folder, `${count}.sock`);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => answer(socket, chunk.toString()));
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await Promise.resolve();
    },
  };
}

/** What both ways of asking come to. */
async function both(path: string, asked = '/v1/x', timeoutMs = 2_000): Promise<unknown> {
  const piped = pipeGet(path, asked, timeoutMs);
  expect(piped).not.toBeNull();
  const outcome = await outcomeOf(piped ?? Promise.reject(new Error('none')));
  expect(outcome).toEqual(await outcomeOf(rawGet(path, asked, timeoutMs)));
  return outcome;
}

function outcomeOf(reply: Promise<unknown>): Promise<unknown> {
  return reply.catch((error: unknown) => {
    const { message, code } = error as Error & { readonly code?: string };
    return code === undefined ? { error: message } : { code };
  });
}

const HEAD = 'HTTP/1.1 200 OK\r\nstateward-api: 1\r\nstateward-build: 1.2.3 abc\r\n';

describe('a request without node:net', () => {
  it.each([
    ['a length', `${HEAD}Content-Length: 4\r\n\r\näöx`, 'äö'],
    ['chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nä\r\n3\r\nöx\r\n0\r\n\r\n`, 'äöx'],
    ['no chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, ''],
  ])('reads an answer with %s as the other does, in one piece and in many', async (_, text, body) => {
    await using whole = await serve((socket) => socket.end(text));
    const reply = { status: 200, served: '1', program: '1.2.3 abc', body };
    expect(await both(whole.path)).toEqual(reply);
    await using pieces = await serve((socket) => {
      void (async () => {
        for (const byte of Buffer.from(text)) {
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        socket.end();
      })();
    });
    expect(await both(pieces.path)).toEqual(reply);
  });

  it('sends what the other sends', async () => {
    const asked: string[] = [];
    await using server = await serve((socket, text) => {
      asked.push(text);
      socket.end(`${HEAD}content-length: 0\r\n\r\n`);
    });
    await both(server.path, '/v1/apps?selector=%2Fa');
    expect(asked[0]).toBe(asked[1]);
    expect(asked[0]).toMatch(/^GET \/v1\/apps\?selector=%2Fa HTTP\/1\.1\r\n/);
  });

  it.each([
    ['ends early', `${HEAD}content-length: 9\r\n\r\nabc`],
    ['ends within its chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nab`],
    ['ends before the last chunk', `${HEAD}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n`],
    ['ends within its head', 'HTTP/1.1 200 OK\r\n'],
    ['is nothing', ''],
    ['is no HTTP', 'hello\r\n\r\n'],
    ['says nothing of its length', `${HEAD}\r\nabc`],
  ])('fails where the answer %s', async (_, text) => {
    await using server = await serve((socket) => socket.end(text));
    expect(await both(server.path)).toHaveProperty('error');
  });

  it('fails with the code of the connection where nobody listens', async () => {
    expect(await both(join(folder, 'none.sock'))).toEqual({ code: 'ENOENT' });
    expect(await both(folder)).toHaveProperty('code');
  });

  it('gives up on one that does not answer', async () => {
    await using server = await serve(() => undefined);
    expect(await both(server.path, '/v1/x', 50)).toEqual({ error: 'the daemon does not answer' });
  });

  it('is not tried with a path that cannot be sent, and where Node would warn of it', () => {
    expect(pipeGet(folder, '/v1/a b', 50)).toBeNull();
    vi.stubEnv('NODE_PENDING_DEPRECATION', '1');
    expect(pipeGet(folder, '/v1/x', 50)).toBeNull();
    vi.unstubAllEnvs();
    vi.stubEnv('NODE_OPTIONS', '--pending-deprecation');
    expect(pipeGet(folder, '/v1/x', 50)).toBeNull();
  });
});
