import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accessBooks } from '../../../src/controller/access/books.ts';
import { accessRequests } from '../../../src/controller/access/session-requests.ts';
import { Sessions } from '../../../src/home/access/sessions.ts';
import { tokenOf } from '../../../src/home/access/tokens.ts';
import { Touches } from '../../../src/home/access/touches.ts';
import type { EventRecord } from '../../../src/state/model/types.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../state/folder.ts';

const HOUR = 3_600_000;
const LIMITS = { idleMs: 12 * HOUR, maxMs: 24 * HOUR };
const START = '2026-01-01T00:00:00.000Z';

function rig() {
  const access = temporaryFolder();
  const clock = new FakeClock();
  const books = accessBooks(
    { tokens: join(access, 'tokens'), sessions: join(access, 'sessions') },
    clock,
    () => undefined,
  );
  const events: Omit<EventRecord, 'seq'>[] = [];
  const happened: string[] = [];
  const calls = accessRequests({
    ...{ clock, paths: { access } },
    store: { appendEvent: (event) => events.push(event) as never },
    http: {
      ...{ books, url: 'http://127.0.0.1:9615', problem: null, sessionLimits: LIMITS },
      recheck: () => happened.push('recheck'),
    },
  });
  const sessions = new Sessions({
    ...{ tokens: books.tokens, sessions: books.sessions, now: () => clock.now(), limits: () => LIMITS },
    touches: new Touches(() => clock.now()),
  });
  /** A browser that logs in with a new token of this name, or with a link. */
  const browser = async (name: string | null) => {
    const token =
      name === null ? linkToken(await calls.logIn({ access: 'write', by: 'ann' })) : await madeToken(name);
    const record = await tokenOf(books.tokens, token);
    if (record === null) throw new Error('no such token');
    const begun = await sessions.begin(record);
    if (begun === null) throw new Error('not begun');
    return begun;
  };
  const madeToken = async (name: string): Promise<string> => {
    const made = await calls.createToken({ name, access: 'read', forMs: null, by: 'ann' });
    if (!made.ok) throw new Error(made.error.message);
    return made.value.token;
  };
  const listed = async () => {
    const answer = await calls.sessions();
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value.items;
  };
  return { clock, books, events, happened, calls, sessions, browser, listed };
}

function linkToken(answer: Awaited<ReturnType<ReturnType<typeof rig>['calls']['logIn']>>): string {
  if (!answer.ok || answer.value.url === null) throw new Error('no link');
  return new URL(answer.value.url).hash.slice('#token='.length);
}

describe('sessions', () => {
  test('are listed with who they are, what they came from, and when they end, the last used first', async () => {
    const { browser, listed, sessions, clock } = rig();
    const ci = await browser('ci');
    await browser(null);
    clock.advance(HOUR);
    await sessions.of(ci.secret);
    const items = await listed();
    expect(items).toEqual([
      {
        ...{ id: ci.session.id, name: 'ci', access: 'read', from: 'token', createdAt: START },
        lastUsedAt: '2026-01-01T01:00:00.000Z',
        endsAt: '2026-01-01T13:00:00.000Z',
        expiresAt: '2026-01-02T00:00:00.000Z',
      },
      expect.objectContaining({
        ...{ name: 'ann', access: 'write', from: 'link', lastUsedAt: START },
        endsAt: '2026-01-01T12:00:00.000Z',
      }),
    ]);
    const text = JSON.stringify(items);
    for (const secret of [ci.secret, ci.session.hash, ci.session.csrf]) expect(text).not.toContain(secret);
  });

  test('are not listed when their time is over', async () => {
    const { browser, listed, clock } = rig();
    await browser('ci');
    clock.advance(12 * HOUR + 1);
    expect(await listed()).toEqual([]);
  });
});

describe('a session that is deleted', () => {
  test('ends, has what it reads looked at again, and leaves the token and other browsers alone', async () => {
    const { browser, calls, sessions, books, events, happened } = rig();
    const [gone, stays] = [await browser('ci'), await browser('ops')];
    const id = gone.session.id.slice(0, 8);
    expect(await calls.deleteSession({ session: id, by: 'bob' })).toMatchObject({
      ok: true,
      value: { kind: 'SessionList', items: [{ id: gone.session.id, name: 'ci' }] },
    });
    expect(happened).toEqual(['recheck']);
    expect(await sessions.of(gone.secret)).toBeNull();
    expect(await sessions.stillHolds(gone.session)).toBe(false);
    expect(await sessions.of(stays.secret)).not.toBeNull();
    expect((await books.tokens.list()).map(({ record }) => record.name).toSorted()).toEqual(['ci', 'ops']);
    expect(events.at(-1)).toMatchObject({
      reason: 'SessionsEnded',
      message: `bob ended the session ${id} of ci (read)`,
    });
  });

  test('may be all of them; of none nothing is told', async () => {
    const { browser, calls, listed, events } = rig();
    await browser('ci');
    await browser(null);
    expect(await calls.deleteSession({ session: null, by: 'bob' })).toMatchObject({
      value: { items: [{}, {}] },
    });
    expect(await listed()).toEqual([]);
    const told = events.length;
    expect(await calls.deleteSession({ session: null, by: 'bob' })).toMatchObject({ value: { items: [] } });
    expect(events).toHaveLength(told);
  });

  test.each(['12345', 'ffffffff', 'ci', ''])('and is none, %j, ends nothing', async (session) => {
    const { browser, calls, listed } = rig();
    await browser('ci');
    expect(await calls.deleteSession({ session, by: 'bob' })).toMatchObject({
      ok: false,
      error: { code: 'NOT_FOUND', hint: expect.stringContaining('session list') as unknown },
    });
    expect(await listed()).toHaveLength(1);
  });
});
