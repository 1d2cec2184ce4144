import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer, type Server as SecureServer, type ServerOptions } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { httpCheck } from '../../../../src/triggers/probes/checks/http-check.ts';
import type { ProbeSpec } from '../../../../src/spec/types.ts';
import { certificate, type Certified } from '../../../support/certificates.ts';

type Http = NonNullable<ProbeSpec['http']>;

const never = new AbortController().signal;
const servers: Server[] = [];
let dir: string;
let ca: Certified;
let caFile: string;
let good: Certified;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'stw-https-'));
  ca = certificate({ name: 'Shop CA', isAuthority: true });
  caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, ca.cert);
  good = certificate({ name: 'shop', names: ['shop.example', '127.0.0.1'], by: ca });
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

const fine: RequestListener = (_request, response) => response.end();

function secure(shown: Certified, answer: RequestListener = fine, options: ServerOptions = {}): SecureServer {
  return createServer({ cert: shown.cert, key: shown.key, ...options }, answer);
}

async function probe(port: number, fields: Partial<Http> = {}, signal = never) {
  const target = { host: '127.0.0.1', port, path: '/healthz', scheme: 'https', ...fields } as const;
  const outcome = await httpCheck(target, () => Promise.resolve({ kind: 'none' }))(signal);
  return outcome.ok ? 'ok' : outcome.text.replace(String(port), 'PORT');
}

const GET = 'GET https://127.0.0.1:PORT/healthz';

describe('a probe over TLS', () => {
  it('trusts what the named authority has signed, for the address or the name that is meant', async () => {
    const port = await listening(secure(good));
    expect(await probe(port, { ca: caFile })).toBe('ok');
    expect(await probe(port, { ca: caFile, server_name: 'shop.example' })).toBe('ok');
    const alone = certificate({ name: 'alone', names: ['127.0.0.1'] });
    writeFileSync(join(dir, 'alone.pem'), alone.cert);
    expect(await probe(await listening(secure(alone)), { ca: join(dir, 'alone.pem') })).toBe('ok');
    expect(await probe(port, { ca: caFile, headers: { Host: 'shop.example:8443' } })).toBe('ok');
  });

  it('asks for the name by SNI, and sends the headers that are declared', async () => {
    const seen: unknown[] = [];
    const port = await listening(
      secure(good, ({ headers, socket }, response) => {
        seen.push([
          'servername' in socket && socket.servername,
          headers.host,
          headers.authorization,
          headers['user-agent'],
        ]);
        response.end();
      }),
    );
    await probe(port, { ca: caFile, server_name: 'shop.example' });
    await probe(port, {
      insecure: true,
      headers: { HOST: 'other.example', Authorization: 'Bearer t', 'User-Agent': 'me' },
    });
    await probe(port, { insecure: true });
    expect(seen).toEqual([
      ['shop.example', `127.0.0.1:${port}`, undefined, 'stateward-probe'],
      ['other.example', 'other.example', 'Bearer t', 'me'],
      [false, `127.0.0.1:${port}`, undefined, 'stateward-probe'],
    ]);
  });

  it('says what is wrong with a certificate, and takes any with insecure', async () => {
    const day = 86_400_000;
    const ago = (days: number): Date => new Date(Date.UTC(2020, 0, 1) - days * day);
    const names = ['127.0.0.1'];
    const cases: readonly (readonly [Certified, Partial<Http>, RegExp])[] = [
      [
        certificate({ name: 'old', names, by: ca, from: ago(9), to: ago(0) }),
        { ca: caFile },
        /: its certificate expired on Jan {2}1 00:00:00 2020 GMT$/,
      ],
      [
        certificate({ name: 'new', names, by: ca, from: new Date(Date.now() + day) }),
        { ca: caFile },
        /: its certificate is not valid before .*: is the clock of this host right\?$/,
      ],
      [
        certificate({ name: 'alone', names }),
        {},
        /: its certificate is self-signed: name it as `ca`, or say insecure: true$/,
      ],
      [
        certificate({ name: 'alone', names }),
        { ca: caFile },
        /: its certificate is self-signed: it is not in .*ca\.pem$/,
      ],
      [
        good,
        {},
        /: its certificate is by "Shop CA", which is not trusted: `ca` names the file of whom to trust$/,
      ],
      [
        good,
        { ca: caFile, server_name: 'other.example' },
        /: its certificate is for shop\.example, 127\.0\.0\.1, not for other\.example: `server_name` says which name is meant$/,
      ],
      [
        certificate({ name: 'x', names: ['10.9.9.9'], by: ca }),
        { ca: caFile },
        /: its certificate is for 10\.9\.9\.9, not for 127\.0\.0\.1: /,
      ],
    ];
    for (const [shown, fields, text] of cases) {
      const port = await listening(secure(shown));
      const said = await probe(port, fields);
      expect(said.startsWith(GET)).toBe(true);
      expect(said).toMatch(text);
      const { ca: _ca, ...rest } = fields;
      expect(await probe(port, { ...rest, insecure: true })).toBe('ok');
    }
  });

  it('sends nothing to whoever is not trusted', async () => {
    let requests = 0;
    const port = await listening(secure(good, (_request, response) => response.end(String((requests += 1)))));
    await probe(port, { headers: { Authorization: 'Bearer secret' } });
    expect(requests).toBe(0);
  });

  it('reads the authorities anew each time, and says when it cannot', async () => {
    const port = await listening(secure(good));
    const file = join(dir, 'later.pem');
    expect(await probe(port, { ca: file })).toBe(`${GET}: ca: ${file} is not there`);
    writeFileSync(file, 'no certificates');
    expect(await probe(port, { ca: file })).toBe(`${GET}: ca: ${file} holds no certificates in PEM`);
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n');
    expect(await probe(port, { ca: file })).toMatch(/: ca: .*later\.pem holds no certificates in PEM/);
    writeFileSync(file, ca.cert);
    expect(await probe(port, { ca: file })).toBe('ok');
  });

  it('says when the other end speaks something else', async () => {
    const plain = await listening(createPlain(fine));
    expect(await probe(plain)).toBe(`${GET}: what answers does not speak TLS: leave out scheme: https`);
    const raw = await listening(
      createTcp((socket) => socket.on('error', () => undefined).end('hello\r\n\r\n')),
    );
    expect(await probe(raw, { scheme: 'http' })).toMatch(
      /: what answers does not speak HTTP \(HPE_INVALID_CONSTANT\); over TLS it is scheme: https$/,
    );
    const shut = await listening(createTcp((socket) => socket.on('error', () => undefined).destroy()));
    expect(await probe(shut)).toMatch(/: (?:ECONNRESET|the connection was closed during the TLS handshake)$/);
    const asking = await listening(
      secure(good, fine, { requestCert: true, ca: ca.cert, maxVersion: 'TLSv1.2' }),
    );
    expect(await probe(asking, { ca: caFile })).toMatch(
      /: it breaks off the TLS handshake \(.*\): it may want a certificate of the client/,
    );
    const gone = await listening(createPlain(fine));
    servers.at(-1)?.close();
    expect(await probe(gone)).toBe(`${GET}: ECONNREFUSED`);
  });

  it('leaves no connection behind when it is given up in the middle of a handshake', async () => {
    const closed = new Promise<void>((resolve) => {
      const silent = createTcp((socket) => {
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.once('data', () => abort.abort());
      });
      void listening(silent).then((port) => probe(port, {}, abort.signal));
    });
    const abort = new AbortController();
    await closed;
  });
});

describe('a probe that is answered with another status', () => {
  async function answer(listener: RequestListener): Promise<string> {
    const port = await listening(createPlain(listener));
    return probe(port, { scheme: 'http' });
  }

  it('says the first line of the answer, where it is text', async () => {
    const said =
      (type: string | undefined, text: string): RequestListener =>
      (_request, response) => {
        response.writeHead(503, type === undefined ? {} : { 'content-type': type }).end(text);
      };
    const HTTP = 'GET http://127.0.0.1:PORT/healthz answered 503';
    expect(await answer(said('text/plain; charset=utf-8', '\n database is\x1b[31m down\nmore'))).toBe(
      `${HTTP}: database is [31m down`,
    );
    expect(await answer(said('application/json', '{"db":"down"}'))).toBe(`${HTTP}: {"db":"down"}`);
    expect(await answer(said('application/problem+json', '{}'))).toBe(`${HTTP}: {}`);
    expect(await answer(said(undefined, 'down'))).toBe(`${HTTP}: down`);
    expect(await answer(said('text/html', '<!doctype html>'))).toBe(HTTP);
    expect(await answer(said('text/plain', ''))).toBe(HTTP);
    expect(await answer(said('text/plain', 'x'.repeat(5_000)))).toBe(`${HTTP}: ${'x'.repeat(120)}...`);
  });

  it('is not held up by a body that never ends', async () => {
    const endless: RequestListener = (_request, response) => {
      response.writeHead(500).write('out of');
    };
    expect(await answer(endless)).toMatch(/answered 500: out of$/);
  });
});
