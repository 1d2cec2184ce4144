import { createServer as createPlain } from 'node:http';
import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grpcCheck } from '../../../../src/triggers/probes/checks/grpc-check.ts';
import { healthRequest, healthStatus } from '../../../../src/triggers/probes/checks/grpc-message.ts';
import type { ProbeSpec } from '../../../../src/spec/types.ts';
import { certificate, type Certified } from '../../../support/certificates.ts';

type Headers = Readonly<Record<string, unknown>>;
type Answer = (
  stream: ServerHttp2Stream,
  asked: { readonly headers: Headers; readonly body: Buffer },
) => void;

const never = new AbortController().signal;
const servers: Server[] = [];
let dir: string;
let ca: Certified;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'stw-grpc-'));
  ca = certificate({ name: 'Shop CA', isAuthority: true });
  writeFileSync(join(dir, 'ca.pem'), ca.cert);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function answering(answer: Answer, server = createServer()): Promise<number> {
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => answer(stream, { headers, body: Buffer.concat(chunks) }));
  });
  return listening(server);
}

const OK = { ':status': 200, 'content-type': 'application/grpc' };

/** Bytes as an answer, with the trailers behind it. */
function frame(hex: string, trailers: Headers = { 'grpc-status': '0' }): Answer {
  return (stream) => {
    stream.respond(OK, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers as Record<string, string>));
    stream.end(Buffer.from(hex, 'hex'));
  };
}

function refused(status: number, message = ''): Answer {
  return (stream) =>
    stream.respond({ ...OK, 'grpc-status': String(status), 'grpc-message': message }, { endStream: true });
}

async function probe(port: number, fields: Partial<NonNullable<ProbeSpec['grpc']>> = {}, signal = never) {
  const target = { host: '127.0.0.1', port, ...fields };
  const outcome = await grpcCheck(target, () => Promise.resolve({ kind: 'none' }))(signal);
  return outcome.ok ? 'ok' : outcome.text.replace(String(port), 'PORT');
}

const SERVING = '00000000020801';
const WHAT = 'gRPC health at 127.0.0.1:PORT';

describe('a probe of a gRPC server', () => {
  it('asks the health service as gRPC has it', async () => {
    const asked: unknown[] = [];
    const port = await answering((stream, { headers, body }) => {
      asked.push([
        headers[':method'],
        headers[':path'],
        headers['content-type'],
        headers.te,
        body.toString('hex'),
      ]);
      asked.push([headers[':authority'], headers.authorization]);
      frame(SERVING)(stream, { headers, body });
    });
    const call = ['POST', '/grpc.health.v1.Health/Check', 'application/grpc', 'trailers'];
    expect(await probe(port)).toBe('ok');
    const headers = { Host: 'shop.example', Authorization: 'Bearer t' };
    expect(await probe(port, { service: 'cart', headers })).toBe('ok');
    expect(asked).toEqual([
      [...call, '0000000000'],
      [`127.0.0.1:${port}`, undefined],
      [...call, '00000000060a0463617274'],
      ['shop.example', 'Bearer t'],
    ]);
  });

  it('says what the server says', async () => {
    const cases: readonly (readonly [Answer, string])[] = [
      [frame('00000000020802'), `${WHAT} is NOT_SERVING`],
      [frame('0000000000'), `${WHAT} is UNKNOWN`],
      [frame('00000000020803'), `${WHAT} is SERVICE_UNKNOWN`],
      [frame('00000000020809'), `${WHAT} is status 9`],
      [
        refused(12, 'unknown method'),
        `${WHAT}: the server has no health service (grpc.health.v1.Health) (unknown method)`,
      ],
      [refused(5), `${WHAT}: the server does not tell its own health: name a \`service\``],
      [refused(16, 'no%20token%0a'), `${WHAT} answered UNAUTHENTICATED (no token)`],
      [refused(99, '%zz'), `${WHAT} answered status 99 (%zz)`],
      [frame(SERVING, { 'grpc-status': '14' }), `${WHAT} answered UNAVAILABLE`],
    ];
    for (const [answer, text] of cases) expect(await probe(await answering(answer))).toBe(text);
    const port = await answering(refused(5, 'unknown service'));
    expect(await probe(port, { service: 'cart' })).toBe(
      'gRPC health of cart at 127.0.0.1:PORT: the server knows no service cart (unknown service)',
    );
  });

  it('takes no answer for good that is not one', async () => {
    const cases: readonly (readonly [Answer, RegExp])[] = [
      [frame(SERVING, {}), /: the connection was closed without an answer$/],
      [frame('01000000020801'), /: its answer cannot be read$/],
      [frame('00000000090801'), /: its answer cannot be read$/],
      [frame('0000000001'), /: its answer cannot be read$/],
      [frame('00ff'.repeat(9_000)), /: its answer cannot be read$/],
      [
        (stream) => stream.respond({ ':status': 404 }, { endStream: true }),
        / answered 404: is this a gRPC server\?$/,
      ],
      [
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'text/html' });
          stream.end('<html>');
        },
        /: what answers is not a gRPC server$/,
      ],
      [(stream) => stream.close(7), /: Stream closed with error code NGHTTP2_REFUSED_STREAM$/],
      [(stream) => stream.session?.destroy(), /: the connection was closed without an answer$/],
    ];
    for (const [answer, text] of cases) expect(await probe(await answering(answer))).toMatch(text);
  });

  it('says when the other end does not speak HTTP/2', async () => {
    const plain = await listening(createPlain((_request, response) => response.end()));
    expect(await probe(plain)).toBe(`${WHAT}: what answers does not speak HTTP/2, as gRPC does`);
    servers.at(-1)?.close();
    expect(await probe(plain)).toBe(`${WHAT}: ECONNREFUSED`);
  });

  it('goes over TLS with the certificates that count', async () => {
    const shown = certificate({ name: 'shop', names: ['127.0.0.1'], by: ca });
    const secure = createSecureServer({ cert: shown.cert, key: shown.key });
    const port = await answering(frame(SERVING), secure);
    expect(await probe(port, { scheme: 'https', ca: join(dir, 'ca.pem') })).toBe('ok');
    expect(await probe(port, { scheme: 'https', insecure: true })).toBe('ok');
    expect(await probe(port, { scheme: 'https' })).toMatch(
      /: its certificate is by "Shop CA", which is not trusted/,
    );
    expect(await probe(port)).toMatch(
      /: (?:what answers does not speak HTTP\/2|the connection was closed|ECONNRESET)/,
    );
  });

  it('leaves no connection behind when the server stalls and the probe is given up', async () => {
    for (const stall of ['before', 'after'] as const) {
      const abort = new AbortController();
      let closed = (): void => undefined;
      const gone = new Promise<void>((resolve) => (closed = resolve));
      const server: Server = stall === 'before' ? createTcp() : createServer();
      server.on('connection', (socket: Socket) => {
        socket.on('error', () => undefined).on('close', closed);
        if (stall === 'before') socket.once('data', () => abort.abort());
      });
      if (stall === 'after') server.on('stream', () => abort.abort());
      const outcome = probe(await listening(server), {}, abort.signal);
      await gone;
      expect(await outcome).not.toBe('ok');
    }
  });
});

describe('messages of the health service', () => {
  it('hold names of any length, and are read past fields that are not known', () => {
    const long = 'x'.repeat(200);
    expect(healthRequest(long).subarray(0, 8).toString('hex')).toBe('00000000cb0ac801');
    const read = (hex: string): string | null => {
      const message = Buffer.from(hex, 'hex');
      const prefix = Buffer.from([0, 0, 0, 0, message.length]);
      return healthStatus(Buffer.concat([prefix, message]));
    };
    expect(read('12026869' + '0801')).toBe('SERVING');
    expect(read('0801' + '0802')).toBe('NOT_SERVING');
    expect(read('1d000000000801')).toBe('SERVING');
    expect(read('08')).toBeNull();
    expect(read('1209')).toBeNull();
    expect(read('0b')).toBeNull();
    expect(read('08ffffffffffff01')).toBeNull();
    expect(read('00')).toBeNull();
  });
});
