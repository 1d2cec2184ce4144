import { once } from 'node:events';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificate } from '../support/certificates.ts';
import { fakeBackend } from '../api/backend.ts';
import { temporaryFolder } from '../api/serving.ts';
import { eventually } from '../support/eventually.ts';
import { openWeb } from '../../src/web/web-listener.ts';
import { OUTSIDE } from './attack-table.ts';
import { openSite } from './serving.ts';

const HOUR = 3_600_000;

describe('logging in', () => {
  test('gives a cookie that no page can read and no other site has sent, and says who one is', async () => {
    const site = await openSite();
    const answer = await site.logIn(await site.token({ name: 'alice', use: 'login' }));
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^stateward_1a2b3c=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const me = JSON.parse(answer.text) as Record<string, unknown>;
    expect(me).toEqual({
      access: 'read',
      name: 'alice',
      expiresAt: '2026-01-02T00:00:00.000Z',
      csrf: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    const value = cookie.split(';', 1)[0] ?? '';
    const again = await site.ask('/session', { headers: { cookie: value } });
    expect(JSON.parse(again.text)).toEqual(me);
    expect(site.lines).toEqual(['web: alice has logged in from 127.0.0.1 (read)']);
  });

  test('by a link works once', async () => {
    const site = await openSite();
    const token = await site.token({ use: 'login' });
    const answers = await Promise.all([site.logIn(token), site.logIn(token)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    expect((await site.logIn(token)).status).toBe(401);
  });

  test('by a link that is too old does not work', async () => {
    const site = await openSite();
    const token = await site.token({ use: 'login', forMs: 60_000 });
    site.clock.advance(60_001);
    expect((await site.logIn(token)).status).toBe(401);
  });

  test('by a token whose time is over says so, to those who have it', async () => {
    const site = await openSite();
    const authorization = `Bearer ${await site.token({ forMs: 60_000 })}`;
    site.clock.advance(60_001);
    const answer = await site.ask('/v1/ping', { headers: { authorization } });
    expect([answer.status, answer.text]).toEqual([
      401,
      expect.stringContaining('the time of token ci is over'),
    ]);
    expect(site.lines).toEqual(['web: from 127.0.0.1: the time of token ci is over']);
  });

  test('by a token says when that was, once a minute', async () => {
    const site = await openSite();
    const authorization = `Bearer ${await site.token()}`;
    const used: number[] = [];
    for (let at = 0; at < 4; at++) {
      site.clock.advance(30_000);
      await site.ask('/v1/ping', { headers: { authorization } });
      used.push((await site.tokens.list())[0]?.usedAt ?? 0);
    }
    expect(used.map((time) => time - (used[0] ?? 0))).toEqual([0, 0, 60_000, 60_000]);
  });

  test('a link is no token for scripts', async () => {
    const site = await openSite();
    const authorization = `Bearer ${await site.token({ use: 'login', access: 'write' })}`;
    expect((await site.ask('/v1/ping', { headers: { authorization } })).status).toBe(401);
  });
});

describe('a session', () => {
  test('ends when it is not used for long, and at last', async () => {
    const site = await openSite();
    const browser = await site.browser('read');
    for (let hour = 0; hour < 24; hour++) {
      site.clock.advance(HOUR - 1);
      expect((await browser.ask('/session')).status).toBe(200);
    }
    site.clock.advance(1_000);
    expect((await browser.ask('/session')).status).toBe(401);
    const other = await site.browser('read');
    site.clock.advance(HOUR + 1);
    expect((await other.ask('/session')).status).toBe(401);
  });

  test('ends when one logs out', async () => {
    const site = await openSite();
    const browser = await site.browser('read');
    const answer = await browser.ask('/session', { method: 'DELETE' });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await browser.ask('/v1/ping')).status).toBe(401);
  });

  test('ends with the token that it came from, also what is being read', async () => {
    let asked = 0;
    const backend = fakeBackend({
      followEvents: (_, signal) => {
        asked++;
        return Promise.resolve({ ok: true, value: untilAborted(signal) });
      },
    });
    const site = await openSite(backend);
    const browser = await site.browser('read', { use: 'token' });
    const stream = browser.ask('/v1/events?follow=true');
    await eventually(() => asked === 1);
    for (const { record } of await site.tokens.list()) await site.tokens.remove(record.id);
    expect((await browser.ask('/v1/ping')).status).toBe(401);
    site.clock.advance(15_000);
    expect((await stream).status).toBe(200);
  });

  test('is looked at again at once when the listener is told to, and only those that ended end', async () => {
    let asked = 0;
    const backend = fakeBackend({
      followEvents: (_, signal) => {
        asked++;
        return Promise.resolve({ ok: true, value: untilAborted(signal) });
      },
    });
    const site = await openSite(backend);
    const [gone, stays] = [await site.browser('read', { use: 'token' }), await site.browser('read')];
    const ended: string[] = [];
    const read = (browser: typeof gone, name: string): Promise<unknown> =>
      browser.ask('/v1/events?follow=true').finally(() => ended.push(name));
    const streams = [read(gone, 'gone'), read(stays, 'stays')];
    await eventually(() => asked === 2);
    for (const { record } of await site.tokens.list()) await site.tokens.remove(record.id);
    site.listener.recheck();
    await streams[0];
    expect((await stays.ask('/session')).status).toBe(200);
    expect(ended).toEqual(['gone']);
    await site.listener.close();
    await Promise.allSettled(streams);
  });

  test('ends by other limits, and a name is allowed, without listening anew', async () => {
    const site = await openSite();
    const browser = await site.browser('read');
    const host = 'ops.example.org';
    expect((await site.ask('/', { headers: { host } })).status).toBe(403);
    site.listener.adjust({
      ...{ allowedHosts: [host], behindProxy: false },
      sessionLimits: { idleMs: 60_000, maxMs: HOUR },
    });
    expect((await site.ask('/', { headers: { host } })).status).toBe(200);
    site.clock.advance(60_001);
    expect((await browser.ask('/session')).status).toBe(401);
  });

  test('is not one that another put beside it', async () => {
    const site = await openSite();
    const [mine, other] = [await site.browser('write'), await site.browser('read')];
    const cookie = `${mine.cookie}; ${other.cookie}`;
    expect((await site.ask('/session', { headers: { cookie } })).status).toBe(401);
  });
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<never> {
  if (!signal.aborted) await once(signal, 'abort');
  yield* [];
}

describe('over TLS', () => {
  test('the cookie is sent over TLS alone, and a renewed certificate is taken at once', async () => {
    const first = certificate({ name: 'first', names: ['127.0.0.1'] });
    const site = await openSite(fakeBackend(), { certificate: first });
    const answer = await site.logIn(await site.token({ use: 'login' }));
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-stateward_1a2b3c=.*; Secure$/);
    site.listener.renew(certificate({ name: 'second', names: ['127.0.0.1'] }));
    expect((await site.ask('/')).status).toBe(200);
  });

  test('what is no certificate is a failure', async () => {
    const opened = await openWeb({
      ...({} as Parameters<typeof openWeb>[0]),
      place: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      certificate: { cert: 'x', key: 'y' },
    });
    expect(opened).toMatchObject({ ok: false, error: { code: 'CONFIG_BAD_VALUE' } });
  });

  test('a proxy says that it speaks TLS', async () => {
    const site = await openSite(fakeBackend(), { behindProxy: true, allowedHosts: ['ops.example.org'] });
    const headers = {
      host: 'ops.example.org',
      origin: 'https://ops.example.org',
      'x-forwarded-proto': 'https',
    };
    const answer = await site.logIn(await site.token({ use: 'login' }), headers);
    expect(answer.headers['set-cookie']?.[0]).toContain('; Secure');
  });
});

describe('where it listens', () => {
  test('a port that is taken, or an address that is not here, is a failure and nothing else is taken', async () => {
    const site = await openSite();
    const { port } = site.listener;
    await expect(
      openSite(fakeBackend(), { place: { kind: 'tcp', host: '127.0.0.1', port } }),
    ).rejects.toThrow(`cannot listen at 127.0.0.1:${port}: the port is taken`);
    await expect(
      openSite(fakeBackend(), { place: { kind: 'tcp', host: '192.0.2.1', port: 0 } }),
    ).rejects.toThrow('it is no address of this host');
  });

  test('a Unix socket is for its owner and the group of it', async () => {
    const path = join(temporaryFolder(), 'http.sock');
    const site = await openSite(fakeBackend(), { place: { kind: 'unix', path } });
    expect((await site.ask('/', { headers: { host: 'localhost' } })).status).toBe(200);
    expect((await site.ask('/', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  test('a Unix socket that somebody has removed is there again', async () => {
    const path = join(temporaryFolder(), 'http.sock');
    const site = await openSite(fakeBackend(), { place: { kind: 'unix', path } });
    rmSync(path);
    const found = expect.poll(() => existsSync(path), { timeout: 20_000 });
    await found.toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect((await site.ask('/', { headers: { host: 'localhost' } })).status).toBe(200);
  });
});

describe('the files', () => {
  test('are pages that are asked for again, and parts that last', async () => {
    const site = await openSite();
    const page = await site.ask('/');
    expect(page.text).toContain('the dashboard');
    expect(page.headers).toMatchObject({
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
    });
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    const part = await site.ask('/assets/main-1a2b.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(part.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
    });
    const etag = part.headers.etag ?? '';
    const known = await site.ask('/assets/main-1a2b.js', { headers: { 'if-none-match': etag } });
    expect(known.status).toBe(304);
    const head = await site.ask('/', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('the page stands for those of its router, and for nothing else', async () => {
    const site = await openSite();
    const html = { accept: 'text/html,*/*' };
    expect((await site.ask('/apps/shop/api', { headers: html })).text).toContain('the dashboard');
    expect((await site.ask('/apps/shop/api')).status).toBe(404);
    expect((await site.ask('/assets/gone.js', { headers: html })).status).toBe(404);
    expect((await site.ask('/', { method: 'POST' })).status).toBe(405);
  });

  test.each(OUTSIDE)('are those of one folder: %j leads nowhere', async (path) => {
    const site = await openSite();
    const answer = await site.ask(path).catch(() => null);
    expect(answer?.status ?? 404).not.toBe(200);
  });

  test('a build without them says so', async () => {
    const site = await openSite(fakeBackend(), { folder: '/nonexistent' });
    const answer = await site.ask('/');
    expect([answer.status, answer.text]).toEqual([404, 'This build of stateward has no dashboard.\n']);
  });
});
