import { createServer } from 'node:net';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callTable } from '../../../src/api/contract/endpoints/backend.ts';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import type { SessionList } from '../../../src/api/contract/wire/access/sessions.ts';
import { hashOf, idOf } from '../../../src/home/access/secret.ts';
import { certificate } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { isAlive } from '../../support/host.ts';
import {
  CHANGES,
  FOR_HOME,
  FOREIGN,
  FORGED,
  FREEZE,
  OUTSIDE,
  REBINDING,
  SECRET_PATHS,
} from '../../web/attack-table.ts';
import type { Browser } from '../../web/serving.ts';
import { DaemonSite, Reading } from './daemon-site.ts';

const DAY = 86_400_000;
const LONG = 300_000;
const EVENTS = '/v1/events?follow=true';

describe('attacks on the listener of the daemon', { timeout: LONG }, () => {
  let site: DaemonSite;
  let writer: Browser;
  let reader: Browser;

  beforeAll(async () => {
    site = await DaemonSite.listening();
    [writer, reader] = [await site.browser('write'), await site.browser('read')];
  }, LONG);
  afterAll(() => site[Symbol.asyncDispose]());

  test.each(REBINDING)('a page of another site whose name leads here gets nothing: %j', async (host) => {
    for (const path of ['/', '/session', '/v1/ping', '/metrics']) {
      const answer = await site.ask(path, { headers: { host, cookie: writer.cookie } });
      expect([400, 403]).toContain(answer.status);
    }
  });

  test.each([...FOREIGN, ...FORGED])(
    'a request that nobody meant changes nothing: %s',
    async (_, headers) => {
      const answer = await writer.ask(CHANGES, { method: 'POST', body: FREEZE, headers });
      expect(answer.status).toBe(403);
      expect(JSON.parse((await site.ok('freeze', '-o', 'json')).stdout)).toMatchObject({ items: [] });
    },
  );

  test('who may only read changes nothing, sees no secret, and has no pattern tried that takes long', async () => {
    const token = await site.token('reader');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    expect((await site.ask(CHANGES, { method: 'POST', body: FREEZE, headers })).status).toBe(403);
    for (const path of [...SECRET_PATHS, '/v1/logs?grep=(a%2B)%2B%24']) {
      expect((await site.ask(path, { headers })).status, path).toBe(403);
      expect((await reader.ask(path)).status, path).toBe(403);
    }
    expect((await site.ask('/metrics', { headers })).text).toContain('stateward_');
  });

  test.each(FOR_HOME)('no token opens %s', async (name) => {
    const { path, method } = callTable[name];
    const answer = await writer.ask(path, { method, ...(method === 'POST' && { body: '{}' }) });
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining('nobody may do that from the network'),
    ]);
  });

  test('nobody is told anything without a token, nor too many tokens looked at', async () => {
    for (const path of ['/v1/apps', '/v1/nothing', '/metrics', '/session']) {
      expect((await site.ask(path)).status, path).toBe(401);
    }
    for (const path of OUTSIDE) {
      const answer = await site.ask(path).catch(() => null);
      expect(answer?.status ?? 404, path).not.toBe(200);
    }
    const headers = { authorization: 'Bearer stw_wrong' };
    const statuses: number[] = [];
    for (let at = 0; at < 12; at++) statuses.push((await site.ask('/v1/ping', { headers })).status);
    expect(statuses).toContain(429);
    // Who is logged in is not kept out by that.
    expect((await reader.ask('/v1/ping')).status).toBe(200);
  });

  test('what is done is on record with the name of the token', async () => {
    const headers = {
      authorization: `Bearer ${await site.token('ci', '--write')}`,
      'content-type': 'application/json',
    };
    // The tokens that were wrong above are forgotten in a minute at most.
    const answer = await eventually(async () => {
      const one = await site.ask(CHANGES, { method: 'POST', body: FREEZE, headers });
      return one.status === 429 ? undefined : one;
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"by":"ci (token)"');
    expect((await site.ok('audit', 'list')).stdout).toMatch(/token create --write: ci[^]*ci \(token\)/);
    await site.ok('unfreeze', '--all');
  });
});

test(
  'a token that is deleted ends what is read with it, at once, and nothing else',
  { timeout: LONG },
  async () => {
    await using site = await DaemonSite.listening();
    const reached = { url: site.origin };
    const [gone, stays] = [await site.token('gone'), await site.token('stays')];
    const browser = await site.logIn(gone);
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const ending = [
      await Reading.of(EVENTS, bearer(gone), reached),
      await Reading.of(EVENTS, { cookie: browser.cookie }, reached),
    ];
    const other = await Reading.of(EVENTS, bearer(stays), reached);
    const listed = JSON.parse((await site.ok('token', 'list', '-o', 'json')).stdout) as {
      readonly items: readonly Record<string, unknown>[];
    };
    expect(listed.items).toMatchObject([
      { name: 'gone', sessions: 1, lastUsedAt: expect.any(String) as unknown },
      { name: 'stays', sessions: 0 },
    ]);
    expect(JSON.stringify(listed)).not.toContain(gone.slice(4));
    const asked = Date.now();
    await site.ok('token', 'delete', 'gone');
    await Promise.all(ending.map(({ ended }) => ended));
    // By itself it would have been looked at after 15 s.
    expect(Date.now() - asked).toBeLessThan(14_000);
    expect((await browser.ask('/v1/ping')).status).toBe(401);
    expect((await site.ask('/v1/ping', { headers: bearer(gone) })).status).toBe(401);
    await other.says('TokenDeleted');
    other.close();
    expect(readdirSync(join(site.home, 'access/sessions'))).toEqual([]);
    const again = await site.run(['token', 'delete', 'gome']);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('there is no token gome')]);
  },
);

test(
  'a session that is deleted ends what that browser reads, at once, and nothing else',
  { timeout: LONG },
  async () => {
    await using site = await DaemonSite.listening();
    const reached = { url: site.origin };
    const token = await site.token('ci');
    const [gone, stays] = [await site.logIn(token), await site.logIn(token)];
    const ending = await Reading.of(EVENTS, { cookie: gone.cookie }, reached);
    const other = await Reading.of(EVENTS, { cookie: stays.cookie }, reached);
    const listed = JSON.parse((await site.ok('session', 'list', '-o', 'json')).stdout) as SessionList;
    expect(listed.items).toMatchObject([{ name: 'ci' }, { name: 'ci' }]);
    const ids = (await site.ok('session', 'list', '-o', 'name')).stdout.trim().split('\n');
    // Which is whose, only its own file tells: none of the two has been told its id.
    const id = idOf(hashOf(gone.cookie.slice(gone.cookie.indexOf('=') + 1)));
    expect(ids).toContain(id);
    const asked = Date.now();
    expect((await site.ok('session', 'delete', id.slice(0, 8))).stdout).toBe(
      `${id.slice(0, 8)}  ci  ended\n`,
    );
    await ending.ended;
    // By itself it would have been looked at after 15 s.
    expect(Date.now() - asked).toBeLessThan(14_000);
    expect((await gone.ask('/v1/ping')).status).toBe(401);
    expect((await stays.ask('/v1/ping')).status).toBe(200);
    await other.says('SessionsEnded');
    expect((await site.ok('audit', 'list')).stdout).toContain(`session delete: ${id.slice(0, 8)}`);
    await site.ok('session', 'delete', '--all');
    await other.ended;
    expect((await site.run(['session', 'list'])).text).toContain('no browser is logged in');
    const both = await site.run(['session', 'delete', '--all', id]);
    expect([both.code, both.stderr]).toEqual([64, expect.stringContaining('cannot be together')]);
  },
);

test(
  'a controller that is killed, or upgraded, listens again for whoever was logged in',
  { timeout: LONG },
  async () => {
    await using site = await DaemonSite.listening();
    const reached = { url: site.origin };
    const token = await site.token('ci');
    const browser = await site.browser('write');
    const read = await Reading.of(EVENTS, { cookie: browser.cookie }, reached);
    await site.ok('token', 'create', 'one');
    await read.says('the token one');
    const { controller } = await site.daemon();
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await read.ended;
    await eventually(() => !isAlive(controller?.pid ?? 0));
    const isBack = () => browser.ask('/v1/status').then(({ status }) => status === 200, () => false); // prettier-ignore
    await eventually(isBack);
    // What has happened meanwhile is not missed, and nothing comes twice.
    await site.ok('token', 'create', 'two');
    const on = await Reading.of(EVENTS, { cookie: browser.cookie, 'last-event-id': read.lastId }, reached);
    await on.says('the token two');
    expect(on.text).not.toContain('the token one');
    const frozen = await browser.ask(CHANGES, { method: 'POST', body: FREEZE });
    expect(frozen.status).toBe(200);
    // A home that is frozen is not stopped either.
    await site.ok('unfreeze', '--all');
    expect((await site.ask('/v1/ping', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    await site.ok('daemon', 'upgrade', '--force');
    await on.ended;
    await eventually(isBack);
    expect((await site.daemon()).controller?.pid).not.toBe(controller?.pid);
    expect((await site.ask('/v1/ping', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  },
);

test('a port that is taken is said everywhere, and had when it is free', { timeout: LONG }, async () => {
  await using site = await DaemonSite.listening();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  site.configure({ listen: `127.0.0.1:${port}` });
  const http = await site.untilHttp(({ problems }) => problems.length > 0);
  expect(http).toMatchObject({
    ...{ listen: `127.0.0.1:${port}`, address: `127.0.0.1:${site.port}` },
    problems: [
      {
        reason: 'HttpUnheard',
        message: `http.listen: cannot listen at 127.0.0.1:${port}: the port is taken`,
      },
    ],
  });
  // What listened before does so still.
  expect((await site.ask('/')).status).toBe(200);
  const told = `http.listen: cannot listen at 127.0.0.1:${port}: the port is taken; choose another port`;
  expect((await site.ok('get')).text).toContain(
    `! settings: ${told}, or end what has it (HomeSettingFailed)`,
  );
  const list = JSON.parse((await site.ok('get', '-o', 'json')).stdout) as AppList;
  expect(list.http?.problems[0]?.reason).toBe('HttpUnheard');
  expect((await site.ok('daemon', 'status')).stdout).toContain(told);
  expect((await site.run(['doctor'])).text).toMatch(/warn +listener +http.listen: cannot listen at/);
  other.close();
  await site.untilHttp(({ address, problems }) => address === `127.0.0.1:${port}` && problems.length === 0);
  await eventually(() => site.ask('/').then(() => false, () => true)); // prettier-ignore
  expect((await site.ok('events')).stdout).toMatch(
    /HomeSettingFailed[^]*HttpListening: listens at[^]*HomeSettingFollowed/,
  );
  site.configure(null);
  await eventually(async () => (await site.http()) === undefined);
  expect((await site.run(['doctor'])).text).toMatch(/skip +listener/);
});

test('other machines are not answered in plain text, unless that is said', { timeout: LONG }, async () => {
  await using site = await DaemonSite.listening();
  const listen = `0.0.0.0:${await freePort()}`;
  site.configure({ listen });
  const http = await site.untilHttp(({ problems }) => problems.length > 0);
  expect(http.address).toBe(`127.0.0.1:${site.port}`);
  expect(http.problems[0]?.hint).toContain('http.insecure: true');
  site.configure({ listen, insecure: true });
  await site.untilHttp(({ address, problems }) => address === listen && problems.length === 0);
});

/** The certificate that is shown at a port. */
async function shownAt(port: number): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

test(
  'a renewed certificate is taken without a gap, one that has ended is said',
  { timeout: LONG },
  async () => {
    await using site = await DaemonSite.listening();
    const tls = { cert: join(site.folder, 'cert.pem'), key: join(site.folder, 'key.pem') };
    const put = (to: Date): void => {
      const made = certificate({
        name: 'stateward',
        names: ['127.0.0.1'],
        from: new Date(Date.now() - 80 * DAY),
        to,
      });
      writeFileSync(tls.cert, made.cert);
      writeFileSync(tls.key, made.key);
    };
    put(new Date(Date.now() + 80 * DAY));
    const port = await freePort();
    site.configure({ listen: `127.0.0.1:${port}`, tls });
    await site.untilHttp(({ address }) => address === `127.0.0.1:${port}`);
    const reached = { url: `https://127.0.0.1:${port}` };
    const browser = await site.browser('read', reached);
    const before = await shownAt(port);
    const read = await Reading.of(EVENTS, { cookie: browser.cookie }, reached);
    put(new Date(Date.now() + 3 * DAY));
    await eventually(async () => (await shownAt(port)) !== before);
    const soon = await site.untilHttp(({ problems }) => problems.length > 0);
    expect(soon.problems[0]).toMatchObject({ reason: 'CertificateEnds' });
    // The connection was never let go.
    await read.says('CertificateEnds');
    read.close();
    put(new Date(Date.now() + 80 * DAY));
    await site.untilHttp(({ problems }) => problems.length === 0);
    expect((await browser.ask('/v1/ping')).status).toBe(200);
  },
);

test('two daemons under one name and port keep to their own cookies', { timeout: LONG }, async () => {
  await using one = await DaemonSite.listening();
  await using other = await DaemonSite.listening();
  const [mine, theirs] = [await one.browser('read'), await other.browser('read')];
  expect(mine.cookie.split('=', 1)).not.toEqual(theirs.cookie.split('=', 1));
  const cookie = `${mine.cookie}; ${theirs.cookie}`;
  for (const site of [one, other]) {
    expect((await site.ask('/v1/ping', { headers: { cookie } })).status).toBe(200);
  }
});
