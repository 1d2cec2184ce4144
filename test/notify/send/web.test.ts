import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer, type Socket } from 'node:net';
import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { send } from '../../../src/notify/send/send.ts';
import type { SendResult } from '../../../src/notify/send/jobs.ts';
import type { NotificationItem } from '../../../src/notify/render/notification.ts';
import type { Target } from '../../../src/notify/model/receiver.ts';
import { certificate } from '../../support/certificates.ts';
import { Files, notification, portOf, Web, webhook } from './support.ts';

const limit = vi.hoisted(() => ({ ms: 0 }));
vi.mock('../../../src/notify/send/jobs.ts', () => ({
  get SEND_LIMIT_MS() {
    return limit.ms;
  },
}));
/** Of those that keep to it; the others have an answer long before. */
const SHORT_MS = 2_000;
beforeEach(() => {
  limit.ms = 20_000;
});

function sendTo(target: Target): Promise<SendResult> {
  return send({ target, message: { kind: 'notification', notification: notification() } });
}

/** A server that does with a connection whatever it likes. */
async function raw(talk: (socket: Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => talk(socket));
  });
  const port = await portOf(server);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
/** Writes on as long as the other side takes it. */
function endlessly(socket: Socket, text: string): void {
  const more = (): void => {
    if (socket.destroyed) return;
    if (socket.write(text)) setImmediate(more);
    else socket.once('drain', more);
  };
  more();
}

/** Answers, and goes on with a byte now and then. */
function drip(socket: Socket): void {
  socket.write(`${HEAD}\r\n`);
  const timer = setInterval(() => socket.write('x'), 50);
  socket.on('close', () => clearInterval(timer));
}

describe('a web server', () => {
  it.each<[string, number, boolean, string]>([
    ['takes it', 204, true, 'answers 204 No Content'],
    ['fails', 500, false, 'answers 500 Internal Server Error: "sorry"'],
    ['does not know the place', 404, false, '404 Not Found'],
  ])('that %s', async (_, status, ok, text) => {
    await using web = await new Web((__, response) => response.writeHead(status).end('sorry')).open();
    const result = await sendTo(webhook(`http://127.0.0.1:${web.port}/`));
    expect(result.ok).toBe(ok);
    expect(result.message).toContain(text);
  });

  it('that sends on elsewhere is not followed, with no secret', async () => {
    await using other = await new Web((_, response) => response.end()).open();
    const there = `http://127.0.0.1:${other.port}/steal?all=1`;
    await using web = await new Web((_, response) =>
      response.writeHead(307, { location: there }).end(),
    ).open();
    using files = new Files();
    const tokenFile = files.write('token', 't0ken-of-the-hook\n');
    const result = await sendTo(webhook(`http://127.0.0.1:${web.port}/`, { tokenFile }));
    expect(result).toMatchObject({
      ok: false,
      message: expect.stringContaining('redirects are not followed') as string,
    });
    expect(result.message).not.toContain('steal');
    expect(other.got).toEqual([]);
    expect(web.got[0]?.request.headers.authorization).toBe('Bearer t0ken-of-the-hook');
  });

  it('that asks for patience gets it', async () => {
    await using web = await new Web((_, response) =>
      response.writeHead(429, { 'retry-after': '120' }).end(),
    ).open();
    expect(await sendTo(webhook(`http://127.0.0.1:${web.port}/`))).toMatchObject({
      ok: false,
      retryAfterMs: 120_000,
    });
  });

  it.each<[string, (socket: Socket) => void, boolean, RegExp, number?]>([
    ['never answers', () => undefined, false, /has not answered within/, SHORT_MS],
    [
      'answers without an end',
      (socket) => endlessly(socket, 'x'.repeat(65_536)),
      false,
      /does not answer as a web server/,
    ],
    [
      'has a body without an end',
      (socket) => endlessly(socket, `${HEAD}\r\n${'x'.repeat(65_536)}`),
      true,
      /answers 200 OK/,
      SHORT_MS,
    ],
    [
      'has headers without an end',
      (socket) => endlessly(socket, `${HEAD}x-a: ${'b'.repeat(4_096)}\r\n`),
      false,
      /HPE_/,
    ],
    ['drips', (socket) => drip(socket), true, /answers 200 OK/, SHORT_MS],
    ['breaks off', (socket) => socket.destroy(), false, /is not reached: /],
    [
      'answers early hints without an end',
      (socket) => endlessly(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'),
      false,
      /has not answered within/,
      SHORT_MS,
    ],
  ])('that %s is bounded', async (_, talk, ok, text, ms = limit.ms) => {
    limit.ms = ms;
    await using server = await raw(talk);
    const before = process.memoryUsage().rss;
    const result = await sendTo(webhook(`http://127.0.0.1:${server.port}/hook`));
    expect(result.ok).toBe(ok);
    expect(result.message).toMatch(text);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
  });

  it('with a certificate of somebody else is not believed, and one of its own authority is', async () => {
    using files = new Files();
    const { key, cert } = certificate({ name: 'localhost', names: ['localhost'], isAuthority: true });
    const server = createTlsServer({ key, cert }, (_, response) => response.end('ok'));
    const port = await portOf(server);
    try {
      const unknown = await sendTo(webhook(`https://localhost:${port}/`));
      expect(unknown).toMatchObject({
        ok: false,
        message: expect.stringMatching(/certificate.*ca_file/) as string,
      });
      const caFile = files.write('ca.pem', cert);
      expect(await sendTo(webhook(`https://localhost:${port}/`, { caFile }))).toMatchObject({ ok: true });
      const other = await sendTo(webhook(`https://127.0.0.1:${port}/`, { caFile }));
      expect(other).toMatchObject({ ok: false, message: expect.stringMatching(/certificate/) as string });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('that quotes the address and the token shows neither', async () => {
    using files = new Files();
    const secret = 'T0000-veryVerySecret';
    await using web = await new Web((request, response) => {
      response
        .writeHead(400, `Bad ${secret}`)
        .end(
          `${request.url ?? ''} ${request.headers.authorization ?? ''} ${encodeURIComponent(`${secret}?a=b c`)}`,
        );
    }).open();
    const file = files.write('url', `http://127.0.0.1:${web.port}/services/${secret}?key=abcdefghij\n`);
    const tokenFile = files.write('token', 'anotherToken1');
    const result = await sendTo(webhook('', { address: { kind: 'file', file }, tokenFile }));
    const all = JSON.stringify(result);
    for (const one of [secret, 'abcdefghij', 'anotherToken1']) expect(all).not.toContain(one);
    expect(result.message).toContain('<redacted>');
  });

  it.each<[string, Partial<Parameters<typeof webhook>[1]>, string, RegExp]>([
    [
      'a file that is not there',
      { secretFile: '/no/such/file' },
      'http://127.0.0.1:1/',
      /cannot read the key of the signature/,
    ],
    ['a device', { secretFile: '/dev/zero' }, 'http://127.0.0.1:1/', /it is not a file/],
    [
      'plain http to another host',
      {},
      'http://hooks.example.org/abcdef',
      /plain http to hooks\.example\.org/,
    ],
    ['another protocol', {}, 'ftp://example.org/abcdef', /ftp:/],
    ['nobody there', {}, 'http://127.0.0.1:1/', /is not reached: connect ECONNREFUSED/],
  ])('is not asked with %s', async (_, more, url, text) => {
    const result = await sendTo(webhook(url, more));
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(text) as string });
    expect(result.message).not.toContain('abcdef');
  });

  it('never waits for a pipe that nobody writes to', async () => {
    using files = new Files();
    const pipe = `${files.folder}/pipe`;
    execFileSync('mkfifo', [pipe]);
    expect((await sendTo(webhook('http://127.0.0.1:1/', { secretFile: pipe }))).message).toMatch(
      /not a file/,
    );
  });
});

describe('a chat', () => {
  it('gets one text, in which what is quoted is no link and calls nobody', async () => {
    await using web = await new Web((_, response) => response.end('ok')).open();
    const address = { kind: 'url', url: `http://127.0.0.1:${web.port}/services/x` } as const;
    const item: NotificationItem = {
      kind: 'problem',
      severity: 'error',
      ...{ topic: null, reason: 'BackOff', title: 'shop/api keeps crashing' },
      ...{ message: '<!channel> see <http://x|y> & more\n*bold*', project: 'shop', app: 'api', slot: null },
      ...{
        source: null,
        version: null,
        seq: 1,
        at: '2026-01-01T00:00:00Z',
        since: '2026-01-01T00:00:00Z',
        count: 1,
      },
    };
    await send({
      target: { kind: 'slack', address, caFile: null, insecure: false },
      message: {
        kind: 'notification',
        notification: notification({ items: [item], title: item.title, test: false }),
      },
    });
    const { text, ...rest } = JSON.parse(web.got[0]?.body ?? '') as { text: string };
    expect(rest).toEqual({});
    expect(text).toContain('[web-1] shop/api keeps crashing');
    expect(text).toContain('&lt;!channel&gt; see &lt;http://x|y&gt; &amp; more *bold*');
  });
});

describe('a command', () => {
  const exec = (files: Files, script: string, timeoutMs = 5_000): Target => ({
    kind: 'exec',
    command: ['/bin/sh', files.write('run.sh', script)],
    cwd: files.folder,
    timeoutMs,
  });

  it('gets the message on its standard input, and is taken at its exit code', async () => {
    using files = new Files();
    const good = await sendTo(exec(files, 'cat > got; echo "$STATEWARD_DELIVERY"'));
    expect(good).toMatchObject({ ok: true });
    expect(good.steps).toContain('output: id-1');
    expect(execFileSync('cat', [`${files.folder}/got`], { encoding: 'utf8' })).toContain(
      '"kind":"Notification"',
    );
    const bad = await sendTo(exec(files, 'echo no pager >&2; exit 3'));
    expect(bad).toMatchObject({
      ok: false,
      message: expect.stringMatching(/exited with code 3 after .*: no pager/) as string,
    });
  });

  it('is ended with all that it started when it takes too long, however much it writes', async () => {
    using files = new Files();
    const result = await sendTo(exec(files, 'yes & sleep 60', 500));
    expect(result).toMatchObject({
      ok: false,
      message: expect.stringContaining('timeout of 0.5s') as string,
    });
  });
});
