import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STREAMS } from '../../src/api/contract/endpoints/streams.ts';
import { CALLS } from '../../src/api/contract/endpoints/table.ts';
import { connectApi } from '../../src/api/client/client.ts';
import { eventually } from '../support/eventually.ts';
import { Host } from '../support/host.ts';
import { applyRequest } from '../api/request.ts';
import { askMeanwhile, held, MEANWHILE_MS, p99 } from './fuzz/watched-process.ts';
import { jsonOf, NASTY_VALUES, nested, Random, runs, SEED } from './fuzz/random.ts';

/** Longest time until a request that makes no sense has its answer, or its connection is closed. */
const PATIENCE_MS = 15_000;
/** What all this may add to the memory of the controller, in megabytes: bodies may have 16 each. */
const MEMORY_MB = 250;

let host: Host;
let socketPath: string;
let pid: number;
let before: ReturnType<typeof held>;

beforeAll(async () => {
  host = new Host();
  host.write('app.js', 'setInterval(() => undefined, 1e6);');
  host.declare({ name: 'web', script: './app.js', min_uptime: 0 });
  await host.ok('apply');
  socketPath = join(host.home, 'run/api.sock');
  pid = (await host.daemon()).controller?.pid ?? 0;
  before = held(pid);
});
afterAll(() => host[Symbol.asyncDispose]());

const status = (): Promise<unknown> => ask('GET', '/v1/status');

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends what an HTTP client can send. */
function ask(method: string, path: string, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    const length = typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {};
    const sent = httpRequest({ socketPath, method, path, headers: { ...headers, ...length }, agent: false });
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
      // Streams go on; that they begin is enough.
      if (/event-stream|ndjson/.test(response.headers['content-type'] ?? '')) {
        response.destroy();
        resolve({ status: response.statusCode ?? 0, text: '' });
      }
    });
    sent.end(body);
  });
}

/** Sends bytes and gives what came until the other side hung up. */
function exchange(bytes: Buffer, { end = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(socketPath);
    const limit = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(
          `no end after ${PATIENCE_MS} ms of ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`,
        ),
      );
    }, PATIENCE_MS);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
    socket.write(bytes);
    if (end) socket.end();
  });
}

/** A refusal says what is wrong, by a code, and is no mistake of ours. */
function expectTyped({ status: code, text }: Answer): void {
  expect([code, text.slice(0, 500)]).not.toEqual([500, expect.any(String)]);
  if (code < 400) return;
  const { error } = JSON.parse(text) as {
    readonly error: { readonly code: string; readonly message: string };
  };
  expect(error).toMatchObject({ code: expect.any(String) as string, message: expect.any(String) as string });
  expect(error.code).not.toBe('INTERNAL');
  expect(text.length).toBeLessThan(50_000);
}

const VERB = { selectors: ['web'], verb: 'restart', by: 'me', command: 'restart web' };
const WHOLE: Readonly<Record<string, unknown>> = {
  plan: applyRequest({ basis: null }),
  apply: applyRequest({ basis: null }),
  verb: VERB,
  message: { selectors: ['web'], message: { any: 'thing' } },
  stopDaemon: { all: false },
};

describe(`the API, SEED=${SEED},`, () => {
  const random = new Random();

  it.each(Object.entries(CALLS).filter(([, { method }]) => method === 'POST'))(
    'refuses bodies that are wrong for %s with a code, and pollutes nothing',
    async (name, endpoint) => {
      const stop = askMeanwhile(status);
      for (let times = runs(60); times > 0; times--) {
        const body = random.chance(0.1) ? random.of(NASTY_VALUES) : random.altered(WHOLE[name]);
        const text = jsonOf(body);
        const read = endpoint.read({
          params: {},
          query: new URLSearchParams(),
          body: JSON.parse(text || 'null'),
          lastEventId: null,
        });
        // What makes sense is done, and is not to be tried here.
        if (read.ok && name !== 'plan') continue;
        expectTyped(await ask('POST', endpoint.path, text));
      }
      expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
      expect((await ask('GET', '/v1/status')).text).not.toContain('polluted');
    },
  );

  it.each(
    [...Object.entries(CALLS), ...Object.entries(STREAMS)].filter(([, { method }]) => method === 'GET'),
  )('refuses questions that are wrong for %s with a code', async (_name, { path }) => {
    const [plain = '', fixed = ''] = path.split('?');
    const names = [
      'selector',
      'spec',
      'detail',
      'ports',
      'after',
      'limit',
      'lines',
      'since',
      'stream',
      'follow',
      'from',
      '__proto__',
    ];
    for (let times = runs(25); times > 0; times--) {
      const value = (): string =>
        encodeURIComponent(wellFormed(textOf(random.of(NASTY_VALUES))))
          .slice(0, 2_000)
          .replace(/%.?$/, '');
      const filled = plain.replace(/:\w+/g, () => value() || 'x');
      const query = Array.from({ length: random.below(4) }, () => `${random.of(names)}=${value()}`);
      expectTyped(await ask('GET', `${filled}?${[fixed, ...query].filter(Boolean).join('&')}`));
    }
  });

  it('ends every connection that is not HTTP, or nearly so, and answers others meanwhile', async () => {
    const stop = askMeanwhile(status);
    for (let batch = runs(12); batch > 0; batch--) {
      await Promise.all(
        Array.from({ length: 12 }, async () => {
          const answer = await exchange(random.mutated(Buffer.from(random.of(CORPUS))), { end: true });
          expect(answer).not.toMatch(/^HTTP\/1\.1 500/);
        }),
      );
    }
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
  });

  it.each<[string, Buffer | string, RegExp]>([
    ['a line that never ends', Buffer.alloc(1024 * 1024, 'a'), /^(?:HTTP\/1\.1 4\d\d|$)/],
    [
      'a path of a megabyte',
      `GET /${'a'.repeat(1024 * 1024)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    [
      'ten thousand headers',
      `GET /v1/status HTTP/1.1\r\n${'a: b\r\n'.repeat(10_000)}\r\n`,
      /^(?:HTTP\/1\.1 (?:4\d\d|200)|$)/,
    ],
    [
      'a header that never ends',
      `GET /v1/status HTTP/1.1\r\nx: ${'a'.repeat(1024 * 1024)}`,
      /^(?:HTTP\/1\.1 431|$)/,
    ],
    [
      'a chunk of a size that no number can hold',
      `POST /v1/plan HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n`,
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    [
      'a chunk that is not as long as it says',
      'POST /v1/plan HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n',
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    [
      'both lengths',
      'POST /v1/plan HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    [
      'two lengths',
      'POST /v1/plan HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde',
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    [
      'a length that is none',
      'POST /v1/plan HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    ['a NUL in its path', 'GET /v1/\0status HTTP/1.1\r\nhost: x\r\n\r\n', /^(?:HTTP\/1\.1 4\d\d|$)/],
    [
      'bytes that are no UTF-8 in its path',
      Buffer.from('GET /v1/\xff\xfe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 'latin1'),
      /^(?:HTTP\/1\.1 4\d\d|$)/,
    ],
    [
      'an escape that is none',
      'GET /v1/projects/%zz/revisions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    ['no host', 'GET /v1/status HTTP/1.1\r\nconnection: close\r\n\r\n', /^HTTP\/1\.1 /],
    ['CONNECT', 'CONNECT example.org:80 HTTP/1.1\r\nhost: x\r\n\r\n', /^(?:HTTP\/1\.1 4\d\d|$)/],
    [
      'an upgrade',
      'GET /v1/status HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n',
      /^HTTP\/1\.1 /,
    ],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^(?:HTTP\/1\.1 4\d\d|$)/],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex'), /^(?:HTTP\/1\.1 4\d\d|$)/],
  ])('refuses %s', async (_kind, bytes, answer) => {
    expect(await exchange(Buffer.from(bytes), { end: true })).toMatch(answer);
  });

  it.each<[string, string]>([
    ['JSON as deep as it is long', `{"projects":${'['.repeat(2_000_000)}`],
    ['closed JSON of any depth', `{"projects":${'['.repeat(300_000)}${']'.repeat(300_000)}}`],
    [
      'a message of any depth',
      `{"selectors":["web"],"message":${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}}`,
    ],
    ['a million keys', `{${Array.from({ length: 200_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['one key a million times', `{${'"projects":1,'.repeat(200_000)}"projects":[]}`],
    ['a name of megabytes', JSON.stringify({ ...VERB, selectors: ['x'.repeat(4_000_000)] })],
    [
      'a million selectors',
      JSON.stringify({ ...VERB, selectors: Array.from({ length: 300_000 }, () => 'nothing') }),
    ],
    [
      'numbers that no number can be',
      '{"selectors":["web"],"verb":"scale","instances":1e999,"by":"me","command":"x"}',
    ],
    [
      'instances beyond all bounds',
      '{"selectors":["web"],"verb":"scale","instances":9007199254740991,"by":"me","command":"x"}',
    ],
  ])('refuses a body with %s', async (_kind, body) => {
    for (const path of ['/v1/plan', '/v1/apply', '/v1/verbs', '/v1/messages', '/v1/daemon/stop']) {
      const answer = await ask('POST', path, body);
      expectTyped(answer);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('takes a selector for no longer than it can answer others, whatever its pattern', async () => {
    host.declare(
      { name: 'web', script: './app.js', min_uptime: 0 },
      { name: `${'a'.repeat(60)}b`, script: './app.js', min_uptime: 0 },
    );
    await host.ok('apply', '--no-wait');
    const stop = askMeanwhile(status);
    expectTyped(await ask('GET', `/v1/apps?selector=${encodeURIComponent('/^(a+)+$/')}`));
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
  });

  it('takes pipelined requests one after the other, and holds no more than they take', async () => {
    const one = 'GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n';
    const text = await exchange(
      Buffer.from(`${one.repeat(2_000)}GET /v1/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    );
    expect(text.split('HTTP/1.1 200').length - 1).toBe(2_001);
  });

  it('answers others while hundreds of connections say nothing, or a byte now and then', async () => {
    const slow: Socket[] = Array.from({ length: 400 }, () =>
      connect(socketPath).on('error', () => undefined),
    );
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('G');
    }, 100);
    try {
      const stop = askMeanwhile(status);
      const client = connectApi({ socketPath });
      for (let times = 0; times < 20; times++) expect((await client.status()).ok).toBe(true);
      expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
      // Whoever does not come to the point is let go.
      await eventually(() => slow.every((socket) => socket.destroyed || socket.closed));
    } finally {
      clearInterval(drip);
      for (const socket of slow) socket.destroy();
    }
  });

  it('lives, is the same process, and holds no more than before', async () => {
    expect((await host.daemon()).controller?.pid).toBe(pid);
    await eventually(() => held(pid).descriptors <= before.descriptors + 5);
    expect(held(pid).megabytes - before.megabytes).toBeLessThan(MEMORY_MB);
    const { items } = await host.apps();
    expect(items.map(({ name }) => name)).toContain('web');
    expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
    expect(nested(2)).toEqual({ a: [1] });
  });
});

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : jsonOf(value);
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

const CORPUS = [
  'GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /v1/apps?selector=web&spec=full HTTP/1.1\r\nhost: x\r\naccept: */*\r\n\r\n',
  'GET /v1/apps?watch=true HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /v1/events?follow=true HTTP/1.1\r\nhost: x\r\nlast-event-id: 1\r\n\r\n',
  'GET /v1/logs?selector=web&lines=10 HTTP/1.1\r\nhost: x\r\n\r\n',
  'POST /v1/plan HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  'POST /v1/verbs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'POST /v1/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"selectors":["x"]}\n',
  'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET http://x/v1/status HTTP/1.0\r\n\r\n',
];
