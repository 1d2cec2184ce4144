import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenForWebhooks } from '../../../src/sources/webhook/listener.ts';
import type { WebhookListener, WebhookTarget } from '../../../src/sources/webhook/model.ts';
import { isNeedless, pushedRef } from '../../../src/sources/webhook/pushed-ref.ts';
import { RateLimit } from '../../../src/lib/rates/rate.ts';
import { prepareCheck } from '../../../src/sources/webhook/signatures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { containing } from '../support/containing.ts';

const BODY = JSON.stringify({ ref: 'refs/heads/main', commits: [{ message: '"ref":"refs/heads/other"' }] });
const NOW = 1_700_000_000_000;

function hex(secret: string, body = BODY): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function standard(key: string | Buffer, time = NOW / 1000): Record<string, string> {
  const signature = createHmac('sha256', key).update(`id-1.${time}.${BODY}`).digest('base64');
  return {
    'webhook-id': 'id-1',
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,AAAA v1,${signature}`,
  };
}

function isSigned(headers: Record<string, string>, secrets: readonly string[], body = BODY): boolean | null {
  const check = prepareCheck(headers, secrets, NOW);
  for (let at = 0; at < body.length; at += 7) check?.update(Buffer.from(body.slice(at, at + 7)));
  return check?.isSigned() ?? null;
}

describe('a signature', () => {
  const raw = Buffer.from('0123456789abcdef0123456789abcdef');
  const whsec = `whsec_${raw.toString('base64')}`;

  it.each([
    ['GitHub', { 'x-hub-signature-256': `sha256=${hex('s1')}` }],
    ['Bitbucket', { 'x-hub-signature': `sha256=${hex('s1')}` }],
    ['Gitea', { 'x-gitea-signature': hex('s1') }],
    ['Forgejo', { 'x-forgejo-signature': hex('s1') }],
    ['GitLab, by its token', { 'x-gitlab-token': 's1' }],
    ['GitLab, signed', standard('s1')],
  ])('of %s is taken for each of several secrets, and for no other', (_, headers) => {
    expect(isSigned(headers, ['s1'])).toBe(true);
    expect(isSigned(headers, ['old', 's1'])).toBe(true);
    expect(isSigned(headers, ['other'])).toBe(false);
    expect(isSigned(headers, [])).toBe(false);
    expect(isSigned(headers, [''])).toBe(false);
  });

  it.each([
    ['GitHub', { 'x-hub-signature-256': `sha256=${hex('s1')}` }],
    ['Gitea', { 'x-gitea-signature': hex('s1') }],
    ['GitLab, signed', standard('s1')],
  ])('of %s does not fit another body', (_, headers) => {
    expect(isSigned(headers, ['s1'], `${BODY} `)).toBe(false);
  });

  it.each([
    ['none', {}, null],
    ['an empty one', { 'x-hub-signature-256': '' }, false],
    ['SHA-1', { 'x-hub-signature': `sha1=${createHmac('sha1', 's1').update(BODY).digest('hex')}` }, false],
    ['a short one', { 'x-gitea-signature': hex('s1').slice(0, 32) }, false],
    ['an empty token', { 'x-gitlab-token': '' }, false],
    ['a bad one beside a good token', { 'x-hub-signature-256': 'sha256=00', 'x-gitlab-token': 's1' }, false],
    ['one of an hour ago', standard('s1', NOW / 1000 - 3600), false],
    ['one of tomorrow', standard('s1', NOW / 1000 + 86_400), false],
    ['one without a time', { ...standard('s1'), 'webhook-timestamp': '' }, false],
  ] as const)('is refused: %s', (_, headers, expected) => {
    expect(isSigned(headers, ['s1'])).toBe(expected);
  });

  it('by Standard Webhooks takes secrets as their senders show them', () => {
    expect(isSigned(standard(raw), [whsec])).toBe(true);
    expect(isSigned(standard(whsec), [whsec])).toBe(true);
  });
});

describe('what was pushed', () => {
  it('is read to leave out what would find nothing, and for nothing else', () => {
    expect(pushedRef(Buffer.from(BODY))).toBe('refs/heads/main');
    for (const body of ['', '[]', 'payload=%7B%7D', '{"ref":7}', '{"ref":"main"}', '{"ref":"refs/']) {
      expect(pushedRef(Buffer.from(body))).toBeNull();
    }
    expect(isNeedless('refs/heads/other', 'refs/heads/main')).toBe(true);
    expect(isNeedless('refs/heads/main', 'refs/heads/main')).toBe(false);
    expect(isNeedless('refs/tags/v1', 'refs/heads/main')).toBe(false);
    expect(isNeedless(null, 'refs/heads/main')).toBe(false);
    expect(isNeedless('refs/heads/other', null)).toBe(false);
  });
});

describe('the listener', () => {
  let clock: FakeClock;
  let listener: WebhookListener;
  let fetched: number;
  let secrets: string[];
  let log: string[];

  beforeEach(async () => {
    clock = new FakeClock(NOW);
    fetched = 0;
    secrets = ['s1'];
    log = [];
    const shop: WebhookTarget = {
      secrets: () => secrets,
      ref: 'refs/heads/main',
      fetch: () => (fetched += 1),
    };
    const listening = await listenForWebhooks({
      listen: '127.0.0.1:0',
      target: (name) => (name === 'shop' ? shop : undefined),
      clock,
      log: (line) => log.push(line),
    });
    if (!listening.ok) throw new Error(listening.error.message);
    listener = listening.value;
  });
  afterEach(() => listener.close());

  async function post(body: string, headers: Record<string, string>, path = '/hooks/shop'): Promise<number> {
    const response = await fetch(`http://${listener.address}${path}`, { method: 'POST', body, headers });
    await response.text();
    return response.status;
  }
  const signed = (body = BODY, secret = 's1') => ({ 'X-Hub-Signature-256': `sha256=${hex(secret, body)}` });

  it('has the source fetched at most once in two seconds, and never loses the last request', async () => {
    for (let n = 0; n < 5; n++) expect(await post(BODY, signed())).toBe(202);
    expect(fetched).toBe(1);
    clock.advance(2_000);
    expect(fetched).toBe(2);
    clock.advance(2_000);
    expect(fetched).toBe(2);
    await post(BODY, signed());
    expect(fetched).toBe(3);
  });

  it('asks for nothing when the request is not signed, is about another branch, or for no source', async () => {
    expect(await post(BODY, signed(BODY, 'wrong'))).toBe(401);
    expect(await post(BODY, {})).toBe(401);
    expect(await post(BODY, signed(), '/hooks/none')).toBe(404);
    expect(await post(BODY, signed(), '/hooks/../shop')).toBe(404);
    const other = JSON.stringify({ ref: 'refs/heads/other' });
    expect(await post(other, signed(other))).toBe(202);
    const get = await fetch(`http://${listener.address}/hooks/shop`);
    expect(get.status).toBe(405);
    expect(fetched).toBe(0);
    secrets = [];
    expect(await post(BODY, signed())).toBe(401);
    expect(log[0]).toBe('webhook: a request for shop from 127.0.0.1 is not signed with its secret');
    expect(log.join()).not.toContain('s1');
    secrets = ['s2', 's1'];
    expect(await post(BODY, signed())).toBe(202);
    expect(fetched).toBe(1);
  });

  it('takes a body of some megabytes, and refuses one that is too large', async () => {
    const large = JSON.stringify({ ref: 'refs/heads/other', filler: 'x'.repeat(3_000_000) });
    // It is too long to be read, so it counts for any branch.
    expect(await post(large, signed(large))).toBe(202);
    expect(fetched).toBe(1);
    const socket = connect(Number(listener.address.split(':')[1]), '127.0.0.1');
    socket.write('POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 26214401\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('slows down who guesses, and nobody else', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 35; n++) statuses.push(await post(BODY, signed(BODY, `guess ${n}`)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect(statuses.at(-1)).toBe(429);
    expect(await post(BODY, signed())).toBe(202);
    clock.advance(60_000);
    expect(await post(BODY, signed(BODY, 'guess'))).toBe(401);
  });

  it('lets nobody hold connections open: headers have 5 seconds, 64 connections are the most', async () => {
    let begun = 0;
    const closed = Array.from({ length: 70 }, async () => {
      const socket = connect(Number(listener.address.split(':')[1]), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.on('connect', () => (begun += 1));
      socket.write('POST /hooks/shop HTTP/1.1\r\nX: ');
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      await new Promise((resolve) => socket.on('close', resolve));
      return answer;
    });
    const answers = await Promise.all(closed);
    expect(begun).toBe(70);
    // The others were not let in at all.
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 408'))).toHaveLength(64);
    expect(await post(BODY, signed())).toBe(202);
  });

  it('says what is wrong with its address', async () => {
    const at = (listen: string) =>
      listenForWebhooks({ listen, target: () => undefined, clock, log: () => undefined });
    expect(await at(listener.address)).toMatchObject({
      ok: false,
      error: { code: 'CONFLICT', message: containing('the port is taken') },
    });
    for (const listen of ['9097', 'x:99999', ':9097', '']) {
      expect(await at(listen)).toMatchObject({
        ok: false,
        error: { code: 'CONFIG_BAD_VALUE', hint: containing('127.0.0.1:9097') },
      });
    }
  });

  it('forgets who asks seldom', () => {
    const limit = new RateLimit(clock, 2);
    expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    clock.advance(30_000);
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
  });
});
