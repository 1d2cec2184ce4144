import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { connectApi } from '../../../src/api/client/client.ts';
import { createApiServer } from '../../../src/api/server/server.ts';
import { FailureError } from '../../../src/lib/failure.ts';
import { aborted, answer, eventInfo, fakeBackend, items, listOf, refusal } from '../backend.ts';
import { exchangeRaw, rawConnection, serve, temporaryFolder } from '../serving.ts';

const get = (target: string, ...headers: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, 'host: x', 'connection: close', ...headers, '', ''].join('\r\n');

const post = (target: string, body: string, type = 'application/json'): string =>
  `POST ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const statusIn = (text: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
const bodyIn = (text: string): unknown => JSON.parse(text.slice(text.indexOf('\r\n\r\n')));

describe('the socket', () => {
  test('can be opened by its owner only, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const { socketPath } = await serve(fakeBackend());
      expect(statSync(socketPath).mode & 0o777).toBe(0o600);
      expect(process.umask(0)).toBe(0);
    } finally {
      process.umask(before);
    }
  });

  test('is refused when its path is too long for the kernel', async () => {
    const socketPath = join(temporaryFolder(), 'x'.repeat(120));
    const server = await createApiServer({ socketPath, backend: fakeBackend() });
    expect(server).toMatchObject({ ok: false, error: { code: 'HOME_PATH_TOO_LONG' } });
  });

  test('of a daemon that died is replaced', async () => {
    const socketPath = join(temporaryFolder(), 'api.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(existsSync(socketPath)).toBe(true);
    await serve(fakeBackend(), { socketPath });
    expect((await connectApi({ socketPath }).status()).ok).toBe(true);
  });

  test('of a daemon that answers is never touched', async () => {
    const first = fakeBackend();
    const { socketPath } = await serve(first);
    const second = await createApiServer({ socketPath, backend: fakeBackend() });
    expect(second).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
    expect((await connectApi({ socketPath }).status()).ok).toBe(true);
    expect(first.calls).toEqual([['status']]);
  });

  test('does not replace a file that is not a socket', async () => {
    const socketPath = join(temporaryFolder(), 'api.sock');
    writeFileSync(socketPath, 'precious');
    const server = await createApiServer({ socketPath, backend: fakeBackend() });
    expect(server.ok).toBe(false);
    expect(statSync(socketPath).size).toBe(8);
  });

  test('is gone when the server is closed, and streams end', async () => {
    const backend = fakeBackend({
      followEvents: (_query, signal) => answer(untilAborted(signal)),
    });
    const server = await serve(backend);
    const { socket, closed } = rawConnection(server.socketPath);
    socket.write(get('/v1/events?follow=true&after=0'));
    await once(socket, 'data');
    await server.close();
    expect(await closed).toContain('200 OK');
    expect(existsSync(server.socketPath)).toBe(false);
  });
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<never> {
  yield* items<never>([]);
  await aborted(signal);
}

/** A byte more than one may have. */
function largeMessage(): string {
  return JSON.stringify({ selectors: ['web'], message: 'x'.repeat(64 * 1024 - 1) });
}

/** It can be read, and could not be written for the runner. */
function deepMessage(): string {
  return `{"selectors":["web"],"message":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
}

describe('a request', () => {
  test.each<[string, string, number, string]>([
    ['an unknown path', get('/v1/nope'), 404, 'NOT_FOUND'],
    ['a path of another version', get('/v2/status'), 404, 'NOT_FOUND'],
    ['the root', get('/'), 404, 'NOT_FOUND'],
    ['a name that every object has', get('/constructor'), 404, 'NOT_FOUND'],
    ['__proto__', get('/v1/__proto__'), 404, 'NOT_FOUND'],
    ['dots', get('/v1/x/../status'), 404, 'NOT_FOUND'],
    ['a host in the path', get('//v1/status'), 404, 'NOT_FOUND'],
    ['an absolute URI', get('http://x/v1/status'), 400, 'BAD_REQUEST'],
    ['a path that cannot be decoded', get('/v1/projects/%zz/revisions'), 400, 'BAD_REQUEST'],
    ['an empty project', get('/v1/projects//revisions'), 404, 'NOT_FOUND'],
    ['another method', post('/v1/status', '{}'), 405, 'BAD_REQUEST'],
    ['GET where POST is due', get('/v1/apply'), 405, 'BAD_REQUEST'],
    ['DELETE', get('/v1/apps').replace('GET', 'DELETE'), 405, 'BAD_REQUEST'],
    ['no body', post('/v1/apply', ''), 400, 'BAD_REQUEST'],
    ['a body that is not JSON', post('/v1/apply', '{'), 400, 'BAD_REQUEST'],
    ['a body that is not an object', post('/v1/apply', '[]'), 400, 'BAD_REQUEST'],
    ['a form', post('/v1/apply', 'a=1', 'application/x-www-form-urlencoded'), 415, 'BAD_REQUEST'],
    ['no message', post('/v1/messages', '{"selectors":["web"]}'), 400, 'BAD_REQUEST'],
    ['a deep message', post('/v1/messages', deepMessage()), 400, 'BAD_REQUEST'],
    ['a large message', post('/v1/messages', largeMessage()), 400, 'BAD_REQUEST'],
    ['a revision that is not a number', get('/v1/projects/shop/revisions/x'), 400, 'BAD_REQUEST'],
    ['a limit that is not a number', get('/v1/events?limit=-1'), 400, 'BAD_REQUEST'],
    ['a limit that is too high', get('/v1/events?limit=99999999'), 400, 'BAD_REQUEST'],
    ['a spec that is not known', get('/v1/apps?spec=constructor'), 400, 'BAD_REQUEST'],
    ['a detail that is not known', get('/v1/apps?detail=some'), 400, 'BAD_REQUEST'],
    ['a time that is none', get('/v1/logs?since=yesterdayish'), 400, 'BAD_REQUEST'],
    ['a deep body', post('/v1/apply', '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)), 400, 'BAD_REQUEST'],
    ['a prototype in the body', post('/v1/daemon/stop', '{"__proto__":{"all":true}}'), 400, 'BAD_REQUEST'],
  ])('with %s is answered with a typed error', async (_, bytes, status, code) => {
    const backend = fakeBackend();
    const { socketPath } = await serve(backend);
    const said = await exchangeRaw(socketPath, bytes);
    expect(statusIn(said)).toBe(status);
    expect(bodyIn(said)).toMatchObject({ error: { code } });
    expect(said.toLowerCase()).toMatch(/content-length: \d+/);
    expect(backend.calls).toEqual([]);
  });

  test('with another method is told which one', async () => {
    const { socketPath } = await serve(fakeBackend());
    expect(await exchangeRaw(socketPath, get('/v1/apply'))).toMatch(/^allow: POST\r$/m);
  });

  test.each<[string, string]>([
    ['garbage', 'this is not http\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a content-length that lies', 'POST /v1/apply HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n'],
    [
      'two lengths',
      'POST /v1/apply HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
  ])('that is %s is refused and the connection ended', async (_, bytes) => {
    const { socketPath } = await serve(fakeBackend());
    const said = await exchangeRaw(socketPath, bytes);
    expect(statusIn(said)).toBe(400);
    expect(bodyIn(said)).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect((await connectApi({ socketPath }).status()).ok).toBe(true);
  });

  test('with too large a head is refused', async () => {
    const { socketPath } = await serve(fakeBackend());
    expect(statusIn(await exchangeRaw(socketPath, get('/v1/status', `x: ${'y'.repeat(80_000)}`)))).toBe(431);
  });

  test('that says its body is too large is refused before it is read', async () => {
    const { socketPath } = await serve(fakeBackend(), { limits: { maxBodyBytes: 100 } });
    const head = `POST /v1/apply HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000000\r\n\r\n`;
    expect(statusIn(await exchangeRaw(socketPath, head))).toBe(413);
  });

  test('whose body turns out too large is refused', async () => {
    const { socketPath } = await serve(fakeBackend(), { limits: { maxBodyBytes: 100 } });
    const head = 'POST /v1/apply HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n';
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    expect(statusIn(await exchangeRaw(socketPath, head + chunk.repeat(3)))).toBe(413);
  });

  test('that never ends its headers is ended', async () => {
    const { socketPath } = await serve(fakeBackend(), { limits: { headersMs: 100 } });
    expect(statusIn(await exchangeRaw(socketPath, 'GET /v1/status HTTP/1.1\r\nx: '))).toBe(408);
  });

  test('that never ends its body is ended', async () => {
    const { socketPath } = await serve(fakeBackend(), { limits: { headersMs: 100, requestMs: 150 } });
    const bytes = 'POST /v1/apply HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{';
    await exchangeRaw(socketPath, bytes);
    expect((await connectApi({ socketPath }).status()).ok).toBe(true);
  });

  test('that meets a bug learns nothing of it', async () => {
    const errors: unknown[] = [];
    const bug = new Error('secret /path');
    const backend = fakeBackend({ status: () => Promise.reject(bug) });
    const { socketPath } = await serve(backend, { onError: (error) => errors.push(error) });
    const said = await exchangeRaw(socketPath, get('/v1/status'));
    expect(statusIn(said)).toBe(500);
    expect(said).not.toContain('secret');
    expect(bodyIn(said)).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(errors).toEqual([bug]);
  });
});

describe('of connections over the bound', () => {
  const limits = { maxConnections: 2 };

  test('those go that ask for nothing, the longest there first', async () => {
    const { socketPath } = await serve(fakeBackend(), { limits });
    const silent = rawConnection(socketPath);
    const answered = rawConnection(socketPath);
    answered.socket.write(get('/v1/status').replace('connection: close', 'connection: keep-alive'));
    await once(answered.socket, 'data');
    expect(await exchangeRaw(socketPath, get('/v1/status'))).toContain('200 OK');
    expect(await silent.closed).toBe('');
    answered.socket.write(get('/v1/status'));
    expect(await answered.closed).toMatch(/200 OK[^]*200 OK/);
  });

  test('the newest goes where all others wait for something', async () => {
    const backend = fakeBackend({ followEvents: (_query, signal) => answer(untilAborted(signal)) });
    const { socketPath } = await serve(backend, { limits });
    const held = [rawConnection(socketPath), rawConnection(socketPath)];
    for (const { socket } of held) {
      socket.write(get('/v1/events?follow=true&after=0'));
      await once(socket, 'data');
    }
    expect(await exchangeRaw(socketPath, get('/v1/status'))).toBe('');
    expect(held.every(({ socket }) => !socket.destroyed)).toBe(true);
  });
});

describe('a stream', () => {
  test('of events carries their numbers and begins behind Last-Event-ID', async () => {
    const backend = fakeBackend();
    backend.followEvents = (query) => {
      backend.calls.push(['followEvents', query]);
      const after = query.after ?? 0;
      return answer(items([1, 2, 3].filter((seq) => seq > after).map(eventInfo)));
    };
    const { socketPath } = await serve(backend);
    const said = await exchangeRaw(
      socketPath,
      get('/v1/events?follow=true&after=0&selector=api', 'last-event-id: 1'),
    );
    expect(said).toMatch(/^content-type: text\/event-stream\r$/m);
    expect(said.match(/^id: \d+$/gm)).toEqual(['id: 2', 'id: 3']);
    expect(backend.calls).toEqual([['followEvents', { selectors: ['api'], limit: 100, after: 1 }]]);
  });

  test('tells its backend when the client has gone', async () => {
    let gone = (): void => undefined;
    const hasGone = new Promise<void>((resolve) => (gone = resolve));
    const backend = fakeBackend({
      watchApps: (_query, signal) => {
        signal.addEventListener('abort', gone);
        return answer(untilAborted(signal));
      },
    });
    const { socketPath } = await serve(backend);
    const { socket } = rawConnection(socketPath);
    socket.write(get('/v1/apps?watch=true'));
    await once(socket, 'data');
    socket.destroy();
    await hasGone;
  });

  test('beats while nothing happens', async () => {
    const backend = fakeBackend({ followEvents: (_query, signal) => answer(untilAborted(signal)) });
    const { socketPath } = await serve(backend, { limits: { heartbeatMs: 10 } });
    const { socket } = rawConnection(socketPath);
    socket.write(get('/v1/events?follow=true&after=0'));
    let text = '';
    while ((text.match(/: \n\n/g)?.length ?? 0) < 3) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      text += chunk.toString();
    }
  });

  test('whose client takes nothing is dropped, and held no more than a little', async () => {
    let made = 0;
    const line = { app: 'shop/api', slot: 0, stream: 'out', line: 'x'.repeat(10_000) } as const;
    async function* endless(signal: AbortSignal): AsyncGenerator<typeof line> {
      while (!signal.aborted) {
        made += 1;
        yield await Promise.resolve(line);
      }
    }
    let drop = (): void => undefined;
    const dropped = new Promise<void>((resolve) => (drop = resolve));
    const backend = fakeBackend({
      logs: (_query, signal) => {
        signal.addEventListener('abort', drop);
        return answer(endless(signal));
      },
    });
    const { socketPath } = await serve(backend, { limits: { stallMs: 100 } });
    const { socket } = rawConnection(socketPath);
    socket.write(get('/v1/logs?follow=true'));
    await once(socket, 'data');
    socket.pause();
    await dropped;
    expect(made * 10_000).toBeLessThan(20_000_000);
  });

  test('that breaks ends with an error', async () => {
    async function* breaking(): AsyncGenerator<ReturnType<typeof listOf>> {
      yield* items([listOf('api')]);
      throw new FailureError({ code: 'RUNNER_UNREACHABLE', message: 'cannot go on' });
    }
    const { socketPath } = await serve(fakeBackend({ watchApps: () => answer(breaking()) }));
    const said = await exchangeRaw(socketPath, get('/v1/apps?watch=true'));
    expect(said).toContain('event: error\ndata: {"error":{"code":"RUNNER_UNREACHABLE"');
  });

  test('that cannot begin is answered like any request', async () => {
    const backend = fakeBackend({
      logs: () => refusal({ code: 'SELECTOR_NOT_FOUND', message: 'cannot find it' }),
    });
    const { socketPath } = await serve(backend);
    const said = await exchangeRaw(socketPath, get('/v1/logs?selector=x'));
    expect(statusIn(said)).toBe(404);
    expect(bodyIn(said)).toMatchObject({ error: { code: 'SELECTOR_NOT_FOUND' } });
  });
});

test('a server that cannot listen says why', async () => {
  const socketPath = join(temporaryFolder(), 'missing', 'api.sock');
  const server = await createApiServer({ socketPath, backend: fakeBackend() });
  // The kernel says ENOENT, libuv makes EACCES of it.
  expect(server).toMatchObject({
    ok: false,
    error: { code: 'PERMISSION', hint: expect.stringContaining('must exist') as string },
  });
});
