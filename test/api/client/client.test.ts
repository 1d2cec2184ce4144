import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectApi } from '../../../src/api/client/client.ts';
import { rawGet } from '../../../src/api/client/fast-client.ts';
import { connectProcess } from '../../../src/api/client/process-transport.ts';
import type { ApiBackend } from '../../../src/api/contract/endpoints/backend.ts';
import type { EventInfo } from '../../../src/api/contract/wire/events.ts';
import type { LogItem } from '../../../src/api/contract/wire/logs.ts';
import { systemClock, type Clock } from '../../../src/lib/clocks/clock.ts';
import { FailureError } from '../../../src/lib/failure.ts';
import { err, ok } from '../../../src/lib/result.ts';
import { aborted, answer, EMPTY_LIST, eventInfo, fakeBackend, items, listOf, refusal } from '../backend.ts';
import { applyRequest } from '../request.ts';
import { serve, temporaryFolder } from '../serving.ts';

describe('the client', () => {
  test('brings every request to the backend as it was meant', async () => {
    const backend = fakeBackend();
    const { socketPath } = await serve(backend);
    const api = connectApi({ socketPath });
    const request = applyRequest();
    const verb = {
      verb: 'scale',
      selectors: ['a&b=c', 'ü/*'],
      delta: -1,
      by: 'ann',
      command: 'scale',
    } as const;
    expect(await api.status()).toMatchObject({ ok: true, value: { home: '/h' } });
    expect(await api.apps({ selectors: ['a&b', '/x+/'], spec: 'full', detail: 'brief' })).toEqual({
      ok: true,
      value: EMPTY_LIST,
    });
    expect(await api.plan(request)).toMatchObject({ ok: true });
    expect(await api.apply(request)).toMatchObject({ ok: true, value: { targets: [] } });
    expect(await api.verb(verb)).toMatchObject({ ok: true });
    expect(await api.message({ selectors: ['web:0'], message: { a: 1 } })).toMatchObject({ ok: true });
    expect(await api.revisions({ project: 'a b/c' })).toMatchObject({ ok: true });
    expect(await api.allRevisions()).toMatchObject({ ok: true });
    expect(await api.events({ selectors: [], after: 3, limit: 7 })).toMatchObject({ ok: true });
    expect(await api.stopDaemon({ all: true })).toEqual({ ok: true, value: {} });
    expect(backend.calls).toEqual([
      ['status'],
      ['apps', { selectors: ['a&b', '/x+/'], spec: 'full', detail: 'brief' }],
      ['plan', request],
      ['apply', request],
      ['verb', verb],
      ['message', { selectors: ['web:0'], message: { a: 1 } }],
      ['revisions', { project: 'a b/c' }],
      ['allRevisions'],
      ['events', { selectors: [], after: 3, limit: 7 }],
      ['stopDaemon', { all: true }],
    ]);
  });

  test('gives back a failure with code, message, hint and details', async () => {
    const failure = { code: 'WIPE_GUARD', message: 'cannot', hint: 'look', details: ['a', 'b'] } as const;
    const { socketPath } = await serve(fakeBackend({ apply: () => refusal(failure) }));
    expect(await connectApi({ socketPath }).apply(applyRequest())).toEqual({ ok: false, error: failure });
  });

  test('carries a large project', async () => {
    const backend = fakeBackend();
    const { socketPath } = await serve(backend);
    const [project] = applyRequest().projects;
    const [app] = project?.apps ?? [];
    if (project === undefined || app === undefined) throw new Error('no app');
    const apps = Array.from({ length: 2_000 }, (_, n) => ({
      ...app,
      name: `app-${n}`,
      env: { X: 'y'.repeat(1_000) },
    }));
    const request = applyRequest({ projects: [{ ...project, apps }] });
    expect((await connectApi({ socketPath }).plan(request)).ok).toBe(true);
    expect(backend.calls).toEqual([['plan', request]]);
  });

  test('says that no daemon runs, and how to start one', async () => {
    const socketPath = join(temporaryFolder(), 'api.sock');
    const expected = {
      ok: false,
      error: { code: 'DAEMON_UNREACHABLE', hint: 'start it with: stateward daemon start' },
    };
    expect(await connectApi({ socketPath }).status()).toMatchObject(expected);
    const stale = createServer().listen(socketPath);
    await once(stale, 'listening');
    stale.close();
    expect(await connectApi({ socketPath }).status()).toMatchObject(expected);
    await expect(rawGet(socketPath, '/v1/status')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('has a daemon started that is not there, and asks again then', async () => {
    const socketPath = join(temporaryFolder(), 'api.sock');
    const backend = fakeBackend();
    const onAbsent = vi.fn(async () => {
      await serve(backend, { socketPath });
      return ok(undefined);
    });
    const api = connectApi({ socketPath, onAbsent });
    expect((await api.apply(applyRequest())).ok).toBe(true);
    expect((await api.status()).ok).toBe(true);
    expect(backend.calls.map(([name]) => name)).toEqual(['apply', 'status']);
    expect(onAbsent).toHaveBeenCalledTimes(1);
  });

  test('tells why a daemon could not be started', async () => {
    const socketPath = join(temporaryFolder(), 'api.sock');
    const failure = { code: 'DAEMON_START_FAILED', message: 'no' } as const;
    const api = connectApi({ socketPath, onAbsent: () => Promise.resolve(err(failure)) });
    expect(await api.status()).toEqual({ ok: false, error: failure });
  });

  test('never sends a request twice that a daemon may have taken', async () => {
    const socketPath = await silentSocket('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{');
    const onAbsent = vi.fn(() => Promise.resolve(ok(undefined)));
    expect((await connectApi({ socketPath, onAbsent }).apply(applyRequest())).ok).toBe(false);
    expect(onAbsent).not.toHaveBeenCalled();
  });

  test('says that a path is too long instead of connecting to a part of it', async () => {
    const api = connectApi({ socketPath: `/tmp/${'x'.repeat(200)}` });
    expect(await api.status()).toMatchObject({ ok: false, error: { code: 'HOME_PATH_TOO_LONG' } });
  });

  test('does not wait for ever for a daemon that hangs', async () => {
    const socketPath = await silentSocket();
    const status = await connectApi({ socketPath, answerMs: 50 }).status();
    expect(status).toMatchObject({ ok: false, error: { code: 'DAEMON_UNREACHABLE' } });
    await expect(rawGet(socketPath, '/v1/status', 50)).rejects.toThrow('does not answer');
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['no JSON', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    ['an error of another kind', 'HTTP/1.1 500 X\r\ncontent-length: 8\r\n\r\n{"a": 1}'],
    ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{'],
  ])('takes %s for a failure', async (_, bytes) => {
    const status = await connectApi({ socketPath: await silentSocket(bytes) }).status();
    expect(status.ok).toBe(false);
  });
});

/** A socket that takes connections and says nothing, or these bytes and then hangs up. */
async function silentSocket(bytes?: string): Promise<string> {
  const socketPath = join(temporaryFolder(), 'api.sock');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (bytes !== undefined) socket.once('data', () => socket.end(bytes));
  }).listen(socketPath);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return socketPath;
}

describe('streams', () => {
  test('give lists of apps, and end when the reader stops', async () => {
    let gone = (): void => undefined;
    const hasGone = new Promise<void>((resolve) => (gone = resolve));
    const backend = fakeBackend({
      watchApps: (_query, signal) => {
        signal.addEventListener('abort', gone);
        return answer(items([listOf('one'), listOf('two')]));
      },
    });
    const { socketPath } = await serve(backend);
    for await (const list of connectApi({ socketPath }).watchApps({ selectors: [], spec: 'none' })) {
      expect(list).toEqual(listOf('one'));
      break;
    }
    await hasGone;
  });

  test('give log lines, and notices aside', async () => {
    const line = { app: 'shop/api', slot: null, stream: 'err', line: 'ä\u2028\r"' } as const;
    const notice = { app: 'shop/api', notice: 'no times' } as const;
    const { socketPath } = await serve(fakeBackend({ logs: () => answer(items([notice, line, line])) }));
    const lines: unknown[] = [];
    const notices: unknown[] = [];
    const query = { selectors: ['api'], lines: 5, stream: 'all', follow: false } as const;
    const options = { onNotice: (one: unknown) => notices.push(one) };
    for await (const one of connectApi({ socketPath }).logs(query, options)) lines.push(one);
    expect(lines).toEqual([line, line]);
    expect(notices).toEqual([notice]);
  });

  test('of logs say when nothing more can be missed: not before the files have their places', async () => {
    const line = { app: 'shop/api', slot: null, stream: 'out', line: 'hello' } as const;
    const given: string[] = [];
    const hasPlaces = new AbortController();
    async function* follow(): AsyncGenerator<LogItem> {
      yield { mark: 'begun-1' };
      yield line;
      await aborted(hasPlaces.signal);
      yield { mark: 'begun-1' };
      yield line;
    }
    const { socketPath } = await serve(fakeBackend({ logs: () => answer(follow()) }));
    const query = { selectors: ['api'], lines: 5, stream: 'all', follow: true } as const;
    const lines = connectApi({ socketPath }).logs(query, { onFollowing: () => given.push('following') });
    for await (const one of lines) {
      given.push(one.line);
      if (given.length === 3) break;
      hasPlaces.abort();
    }
    expect(given).toEqual(['hello', 'following', 'hello']);
  });

  test('throw what the daemon answered instead', async () => {
    const failure = { code: 'SELECTOR_NOT_FOUND', message: 'cannot find it' } as const;
    const { socketPath } = await serve(fakeBackend({ logs: () => refusal(failure) }));
    const query = { selectors: ['x'], lines: 5, stream: 'all', follow: true } as const;
    const lines = connectApi({ socketPath }).logs(query)[Symbol.asyncIterator]();
    await expect(lines.next()).rejects.toThrow(new FailureError(failure));
  });

  test('end quietly when they are aborted', async () => {
    const stop = new AbortController();
    async function* silent(signal: AbortSignal): AsyncGenerator<never> {
      yield* items<never>([]);
      stop.abort();
      await aborted(signal);
    }
    const { socketPath } = await serve(
      fakeBackend({ watchApps: (_query, signal) => answer(silent(signal)) }),
    );
    const api = connectApi({ socketPath });
    for await (const list of api.watchApps({ selectors: [], spec: 'none' }, { signal: stop.signal })) {
      expect(list).toBeUndefined();
    }
  });

  test('of events go on after a crash of the daemon, with nothing lost and nothing twice', async () => {
    const socketPath = join(temporaryFolder(), 'api.sock');
    const events = [11, 12].map((seq) => `id: ${seq}\ndata: ${JSON.stringify(eventInfo(seq))}\n\n`);
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';
    const sockets: Socket[] = [];
    const crashing = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.once('data', () => socket.write(head + events.join('')));
    });
    await once(crashing.listen(socketPath), 'listening');
    const seen: number[] = [];
    const stop = new AbortController();
    const api = connectApi({ socketPath });
    for await (const { seq } of api.followEvents({ selectors: [], after: 10 }, { signal: stop.signal })) {
      seen.push(seq);
      if (seq === 12) {
        const closed = once(crashing.close(), 'close');
        for (const socket of sockets) socket.destroy();
        await closed;
        const followEvents: ApiBackend['followEvents'] = (query, signal) =>
          answer(eventsUpTo(query.after ?? 0, 14, signal));
        await serve(fakeBackend({ followEvents }), { socketPath });
      }
      if (seq === 14) stop.abort();
    }
    expect(seen).toEqual([11, 12, 13, 14]);
  });

  test.each([
    { where: 'a number', from: { after: 10 }, first: 11 },
    { where: 'now on', from: {}, first: 1 },
  ])('from $where begin when a daemon is back that had answered and died', async ({ from, first }) => {
    const dying = await serve(fakeBackend());
    const { socketPath } = dying;
    const followEvents: ApiBackend['followEvents'] = (query, signal) =>
      answer(eventsUpTo(query.after ?? 0, 11, signal));
    const clock: Clock = {
      ...systemClock,
      after(ms, callback) {
        if (ms !== 250) return systemClock.after(ms, callback);
        // It waits for the next try: nobody was there.
        void serve(fakeBackend({ followEvents }), { socketPath }).then(callback);
        return () => undefined;
      },
    };
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const api = connectApi({ socketPath, clock });
    expect((await api.status()).ok).toBe(true);
    await dying.close();
    const events = api.followEvents({ selectors: [], ...from }, { signal: stop.signal });
    expect((await events[Symbol.asyncIterator]().next()).value).toMatchObject({ seq: first });
  });

  test('say that the daemon was told to stop, and do not come again', async () => {
    const followEvents: ApiBackend['followEvents'] = (query, signal) =>
      answer(eventsUpTo(query.after ?? 0, 12, signal));
    const server = await serve(fakeBackend({ followEvents }));
    const events = connectApi({ socketPath: server.socketPath }).followEvents({ selectors: [], after: 11 });
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    const [stopped] = await Promise.allSettled([iterator.next(), server.close()]);
    expect(stopped).toMatchObject({ reason: { failures: [{ code: 'DAEMON_STOPPED' }] } });
  });

  test('are not what starts a daemon again that has answered before', async () => {
    const server = await serve(fakeBackend());
    let starts = 0;
    const onAbsent = () => Promise.resolve(ok(void (starts += 1)));
    const api = connectApi({ socketPath: server.socketPath, onAbsent });
    expect((await api.status()).ok).toBe(true);
    await server.close();
    expect(await api.status()).toMatchObject({ ok: false, error: { code: 'DAEMON_UNREACHABLE' } });
    expect(starts).toBe(0);
  });

  test('of events that cannot begin throw at once', async () => {
    const api = connectApi({ socketPath: join(temporaryFolder(), 'api.sock') });
    const events = api.followEvents({ selectors: [], after: 0 })[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toMatchObject({ failures: [{ code: 'DAEMON_UNREACHABLE' }] });
  });
});

async function* eventsUpTo(after: number, last: number, signal: AbortSignal): AsyncGenerator<EventInfo> {
  for (let seq = after + 1; seq <= last; seq++) yield eventInfo(seq);
  await aborted(signal);
}

describe('the fast client', () => {
  test('reads what the full client reads', async () => {
    const body = listOf('ünïcode '.repeat(50_000));
    const { socketPath } = await serve(fakeBackend({ apps: () => answer(body) }));
    const reply = await rawGet(socketPath, '/v1/apps?selector=api');
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual(body);
    expect(await rawGet(socketPath, '/v1/nope')).toMatchObject({ status: 404 });
  });

  test.each([
    ['half of its chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{'],
    ['nothing', ''],
  ])('rejects %s', async (_, bytes) => {
    await expect(rawGet(await silentSocket(bytes), '/v1/status')).rejects.toThrow('answer');
  });

  test('takes no path that would be another request', async () => {
    await expect(rawGet('/x', '/v1/a HTTP/1.1\r\nx: y')).rejects.toThrow('path');
  });
});

describe('the client without a daemon', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stw-'));
  let program = '';
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    program = join(folder, 'one-shot.cjs');
    buildSync({
      entryPoints: [join(import.meta.dirname, 'fixtures', 'one-shot-program.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
  });

  test('has the same routes answer, by a program that ends', async () => {
    const api = connectProcess({ program, home: '/h' });
    expect(await api.apps({ selectors: ['x'], spec: 'none' })).toEqual({ ok: true, value: EMPTY_LIST });
    expect(await api.plan(applyRequest())).toMatchObject({ ok: true, value: { kind: 'Plan' } });
    expect(await api.plan({ ...applyRequest(), by: 1 as unknown as string })).toMatchObject({
      ok: false,
      error: { code: 'BAD_REQUEST' },
    });
  });

  test('says that following needs a daemon', async () => {
    const api = connectProcess({ program, home: '/h' });
    const lists = api.watchApps({ selectors: [], spec: 'none' })[Symbol.asyncIterator]();
    await expect(lists.next()).rejects.toMatchObject({ failures: [{ code: 'DAEMON_UNREACHABLE' }] });
  });

  test('shows what a program that failed said', async () => {
    const status = await connectProcess({ program, home: 'crash' }).status();
    expect(status).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(!status.ok && status.error.details?.join('\n')).toContain('the state is on fire');
    const missing = await connectProcess({ program: '/nope.cjs', home: '/h' }).status();
    expect(missing).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
  });
});
