import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectApi } from '../../src/api/client/client.ts';
import { compareWith } from '../../src/api/contract/version.ts';
import { applyRequest } from './request.ts';
import { EMPTY_LIST, fakeBackend } from './backend.ts';
import { exchangeRaw, serve, temporaryFolder } from './serving.ts';

test.each([
  ['0-1', 'equal'],
  ['1-99', 'equal'],
  ['0-0', 'daemon-older'],
  [undefined, 'daemon-older'],
  ['no version', 'daemon-older'],
  ['2-99', 'daemon-newer'],
  ['99-99', 'daemon-newer'],
] as const)('a daemon that serves %s is %s', (served, expected) => {
  expect(compareWith(served)).toBe(expected);
});

describe('a daemon', () => {
  const get = (version: string) => `GET /v1/apps HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${version}\r\n`;

  test('refuses in words a command that it does not serve any more, and asks nobody', async () => {
    const backend = fakeBackend();
    const { socketPath } = await serve(backend, { serves: { oldest: 98, newest: 99 } });
    const said = await exchangeRaw(socketPath, get('stateward-api: 97\r\n'));
    expect(said).toMatch(/^HTTP\/1.1 426 /);
    expect(said).toMatch(/^stateward-api: 98-99\r$/m);
    expect(said).toContain('"code":"DAEMON_NEWER"');
    expect(backend.calls).toEqual([]);
  });

  test.each(['stateward-api: 98\r\n', 'stateward-api: 100\r\n', ''])('serves %j', async (version) => {
    const { socketPath } = await serve(fakeBackend(), { serves: { oldest: 98, newest: 99 } });
    expect(await exchangeRaw(socketPath, get(version))).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a command', () => {
  test('takes nothing of what a daemon answers that is too new, however well it reads', async () => {
    const body = JSON.stringify(EMPTY_LIST);
    const socketPath = await answering(
      `HTTP/1.1 200 OK\r\nstateward-api: 98-99\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const api = connectApi({ socketPath });
    const refused = { ok: false, error: { code: 'DAEMON_NEWER' } };
    expect(await api.apps({ selectors: [], spec: 'none' })).toMatchObject(refused);
    const stream = api.watchApps({ selectors: [], spec: 'none' })[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toMatchObject({ failures: [{ code: 'DAEMON_NEWER' }] });
  });

  test.each([
    ['404 Not Found', { code: 'NOT_FOUND', message: 'cannot answer: there is no such path' }],
    ['400 Bad Request', { code: 'BAD_REQUEST', message: 'cannot take the request: body.x is unknown' }],
  ])('says that an older daemon does not know what it refuses with %s', async (status, error) => {
    const body = JSON.stringify({ error });
    const head = `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n`;
    const old = connectApi({ socketPath: await answering(`${head}\r\n${body}`) });
    expect(await old.apply(applyRequest())).toMatchObject({
      ok: false,
      error: { code: 'DAEMON_OUTDATED', message: expect.stringContaining(error.message) as string },
    });
    const equal = connectApi({ socketPath: await answering(`${head}stateward-api: 0-1\r\n\r\n${body}`) });
    expect(await equal.apply(applyRequest())).toMatchObject({ ok: false, error });
  });
});

/** A socket on which every connection is answered with these bytes. */
async function answering(bytes: string): Promise<string> {
  const socketPath = join(temporaryFolder(), 'api.sock');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(bytes));
  }).listen(socketPath);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return socketPath;
}
