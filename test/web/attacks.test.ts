import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ACCESS, accessTo } from '../../src/api/contract/endpoints/access.ts';
import { callNames, callTable, streamNames, streamTable } from '../../src/api/contract/endpoints/backend.ts';
import { fakeBackend } from '../api/backend.ts';
import { eventually } from '../support/eventually.ts';
import { CHANGES, FOR_HOME, FOREIGN, FORGED, FREEZE, REBINDING, SECRET_PATHS } from './attack-table.ts';
import { openSite } from './serving.ts';

describe('a page of another site', () => {
  test.each(REBINDING)('whose name leads here gets nothing, not even the files: %j', async (host) => {
    const site = await openSite();
    const { cookie } = await site.browser('write');
    for (const path of ['/', '/session', '/v1/ping', '/metrics']) {
      const answer = await site.ask(path, { headers: { host, cookie } });
      // What is no name at all Node refuses by itself.
      expect([400, 403]).toContain(answer.status);
      expect(answer.text).not.toContain('<!doctype');
    }
  });

  test('under a name that is allowed is the dashboard; an address and localhost are always', async () => {
    const site = await openSite(fakeBackend(), { allowedHosts: ['ops.example.org'] });
    for (const host of [
      'ops.example.org',
      'OPS.example.org:8443',
      'localhost:1',
      '127.0.0.1',
      '[::1]:9',
      '10.1.2.3',
    ]) {
      expect((await site.ask('/', { headers: { host } })).status).toBe(200);
    }
  });

  test.each(FOREIGN)('changes nothing with the cookie of its visitor: %s', async (_, headers) => {
    const backend = fakeBackend();
    const site = await openSite(backend);
    const browser = await site.browser('write');
    const answer = await browser.ask(CHANGES, { method: 'POST', body: FREEZE, headers });
    expect(answer.status).toBe(403);
    const read = await browser.ask('/v1/ping', { headers });
    expect(read.status).toBe(403);
    expect((await browser.ask('/session', { method: 'DELETE', headers })).status).toBe(403);
    expect(backend.calls).toEqual([]);
  });

  test('logs nobody in, as whomever', async () => {
    const site = await openSite();
    const token = await site.token({ use: 'login' });
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
      expect((await site.logIn(token, { origin })).status).toBe(403);
    }
    const form = await site.logIn(token, { 'content-type': 'text/plain' });
    expect(form.status).toBe(415);
    expect((await site.logIn(token)).status).toBe(200);
  });

  test('is told nothing by the way of CORS', async () => {
    const site = await openSite();
    const answer = await site.ask('/v1/ping', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(401);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a request that changes something', () => {
  test.each(FORGED)('by a cookie is not done %s', async (_, headers) => {
    const backend = fakeBackend();
    const browser = await (await openSite(backend)).browser('write');
    expect((await browser.ask(CHANGES, { method: 'POST', body: FREEZE, headers })).status).toBe(403);
    expect(backend.calls).toEqual([]);
  });

  test('by a page of ours is done, and says who it was, whatever it says itself', async () => {
    const backend = fakeBackend();
    const browser = await (await openSite(backend)).browser('write');
    await browser.ask(CHANGES, { method: 'POST', body: FREEZE });
    expect(backend.calls).toEqual([['freeze', expect.objectContaining({ by: 'alice (dash)' })]]);
  });

  test('by the token of a script is done without more', async () => {
    const backend = fakeBackend();
    const site = await openSite(backend);
    const authorization = `Bearer ${await site.token({ access: 'write' })}`;
    const headers = { authorization, 'content-type': 'application/json' };
    await site.ask(CHANGES, { method: 'POST', body: FREEZE, headers });
    expect(backend.calls).toEqual([['freeze', expect.objectContaining({ by: 'ci (token)' })]]);
  });
});

const ENDPOINTS = [
  ...callNames.map((name) => ({ name, ...callTable[name] })),
  ...streamNames.map((name) => ({ name, ...streamTable[name] })),
];

/** A path of an endpoint, with something in the place of each name. */
function pathOf(path: string): string {
  return path.replace(/:\w+/g, '1');
}

describe('who may only read', () => {
  test('reaches no endpoint that changes something, by session or by token', async () => {
    const backend = fakeBackend();
    const site = await openSite(backend);
    const browser = await site.browser('read');
    const authorization = `Bearer ${await site.token()}`;
    const writing = ENDPOINTS.filter(({ method, acts }) => method === 'POST' || acts === true);
    expect(writing.length).toBeGreaterThan(15);
    for (const { path, method } of writing) {
      const asked = { method, body: '{}', headers: { 'content-type': 'application/json' } };
      expect((await browser.ask(pathOf(path), asked)).status, path).toBe(403);
      const byScript = { ...asked, headers: { ...asked.headers, authorization } };
      expect((await site.ask(pathOf(path), byScript)).status, path).toBe(403);
    }
    expect(backend.calls).toEqual([]);
  });

  test('sees no value of a secret: no whole spec, no revision as it was, no log line with one in it', async () => {
    const backend = fakeBackend();
    const browser = await (await openSite(backend)).browser('read');
    for (const path of SECRET_PATHS) {
      expect((await browser.ask(path)).status, path).toBe(403);
    }
    expect(backend.calls).toEqual([]);
    await browser.ask('/v1/logs?redacted=false&redacted=false');
    expect(backend.calls).toEqual([['logs', expect.objectContaining({ redacted: true })]]);
  });

  test('has no pattern tried that could take long', async () => {
    const backend = fakeBackend();
    const site = await openSite(backend);
    const browser = await site.browser('read');
    for (const pattern of ['(a+)+$', 'a*b', 'a|b', '[ab]', 'a{9}', '\\w', '\\1', 'a?', 'x\\']) {
      const path = `/v1/logs?${new URLSearchParams({ grep: pattern }).toString()}`;
      expect((await browser.ask(path)).status, pattern).toBe(403);
    }
    expect(backend.calls).toEqual([]);
    await browser.ask(`/v1/logs?${new URLSearchParams({ grep: 'GET /a\\?b=1.' }).toString()}`);
    expect(backend.calls).toHaveLength(1);
  });
});

describe('nobody from the network', () => {
  test.each(FOR_HOME)('may ask for %s, with whatever token', async (name) => {
    const backend = fakeBackend();
    const browser = await (await openSite(backend)).browser('write');
    const { path, method } = callTable[name];
    const answer = await browser.ask(path, { method, ...(method === 'POST' && { body: '{}' }) });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('nobody may do that from the network');
    expect(backend.calls).toEqual([]);
  });

  test('without a token is told anything but the files', async () => {
    const backend = fakeBackend();
    const site = await openSite(backend);
    for (const { path, method } of ENDPOINTS) {
      expect((await site.ask(pathOf(path), { method })).status, path).toBe(401);
    }
    // Nor whether there is such a path.
    for (const path of ['/v1/nothing', '/metrics', '/session', '/v1/']) {
      expect((await site.ask(path)).status).toBe(401);
    }
    expect(backend.calls).toEqual([]);
  });

  test('gets by a path that is written another way', () => {
    for (const target of [
      '/v1//verbs',
      '/V1/verbs',
      '/v1/verbs/',
      '//v1/verbs',
      'http://x/v1/verbs',
      '/v1/../v1/verbs',
    ]) {
      expect(accessTo('POST', target), target).toBeNull();
    }
    expect(accessTo('POST', '/v1/%76erbs')).toEqual(ACCESS.verb);
    expect(accessTo('PUT', '/v1/verbs')).toBeNull();
  });
});

describe('wrong tokens', () => {
  test('are not looked at after too many from one address, and are again a while later', async () => {
    const site = await openSite();
    const good = await site.token();
    const statuses: number[] = [];
    for (let at = 0; at < 12; at++) statuses.push((await site.logIn(`stw_${at}`)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect((await site.logIn(good)).status).toBe(429);
    expect((await site.ask('/v1/ping', { headers: { authorization: `Bearer ${good}` } })).status).toBe(429);
    site.clock.advance(60_000);
    expect((await site.logIn(good)).status).toBe(200);
  });

  test('are counted in all too, however many addresses they come from', async () => {
    const site = await openSite(fakeBackend(), { behindProxy: true, limits: { failuresInAll: 20 } });
    const from = (n: number): Record<string, string> => ({ 'x-forwarded-for': `9.9.9.9, 10.0.0.${n}` });
    for (let at = 0; at < 20; at++) expect((await site.logIn('stw_x', from(at))).status).toBe(401);
    expect((await site.logIn('stw_x', from(99))).status).toBe(429);
  });

  test('are those of the client as the proxy saw it, not as the client says', async () => {
    const site = await openSite(fakeBackend(), { behindProxy: true });
    for (let at = 0; at < 10; at++) await site.logIn('stw_x', { 'x-forwarded-for': `1.1.1.${at}, 10.0.0.1` });
    expect((await site.logIn('stw_x', { 'x-forwarded-for': '2.2.2.2, 10.0.0.1' })).status).toBe(429);
    expect((await site.logIn('stw_x', { 'x-forwarded-for': '10.0.0.2' })).status).toBe(401);
  });
});

describe('whoever sends too much, or too slowly', () => {
  test('a body that is too large is not read', async () => {
    const backend = fakeBackend();
    const site = await openSite(backend, { limits: { maxBodyBytes: 1_000 } });
    const browser = await site.browser('write');
    const answer = await browser.ask(CHANGES, {
      method: 'POST',
      body: JSON.stringify({ by: 'x'.repeat(2_000) }),
    });
    expect(answer.status).toBe(413);
    expect((await site.logIn('x'.repeat(2_000))).status).toBe(413);
    expect(backend.calls).toEqual([]);
  });

  test('headers that are too large, or never end, end the connection', async () => {
    const site = await openSite(fakeBackend(), { limits: { headersMs: 200 } });
    for (const bytes of [
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`,
      'GET / HTTP/1.1\r\nhost: 127',
    ]) {
      const socket = connect(site.listener.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(bytes);
      await once(socket, 'close');
    }
  });

  test('connections that say nothing keep nobody out', async () => {
    const site = await openSite(fakeBackend(), { limits: { maxConnections: 4 } });
    const silent = Array.from({ length: 7 }, () => connect(site.listener.port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => undefined);
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    expect((await site.ask('/')).status).toBe(200);
    for (const socket of silent) socket.destroy();
  });

  test('answers that go on are counted for each who asks', async () => {
    let asked = 0;
    const backend = fakeBackend({
      followEvents: (_, signal) => {
        asked++;
        return Promise.resolve({ ok: true, value: quiet(signal) });
      },
    });
    const site = await openSite(backend, { limits: { maxOpen: 2 } });
    const browser = await site.browser('read');
    const open = [1, 2].map(() => browser.ask('/v1/events?follow=true'));
    await eventually(() => asked === 2);
    expect((await browser.ask('/v1/ping')).status).toBe(429);
    expect((await (await site.browser('read')).ask('/v1/status')).status).toBe(200);
    await site.listener.close();
    await Promise.allSettled(open);
  });
});

async function* quiet(signal: AbortSignal): AsyncGenerator<never> {
  if (!signal.aborted) await once(signal, 'abort');
  yield* [];
}
