import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accessBooks } from '../../../src/controller/access/books.ts';
import { tokenRequests } from '../../../src/controller/access/token-requests.ts';
import type { EventRecord } from '../../../src/state/model/types.ts';
import { Sessions } from '../../../src/home/access/sessions.ts';
import { Touches } from '../../../src/home/access/touches.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../state/folder.ts';

const DAY = 86_400_000;

function rig(url: string | null = 'http://127.0.0.1:9615') {
  const access = temporaryFolder();
  const clock = new FakeClock();
  const books = accessBooks(
    { tokens: join(access, 'tokens'), sessions: join(access, 'sessions') },
    clock,
    () => undefined,
  );
  const events: Omit<EventRecord, 'seq'>[] = [];
  const happened: string[] = [];
  const calls = tokenRequests({
    ...{ clock, paths: { access } },
    store: { appendEvent: (event) => events.push(event) as never },
    http: {
      ...{ books, url, problem: null, sessionLimits: { idleMs: DAY, maxMs: DAY } },
      recheck: () => happened.push('recheck'),
    },
  });
  const sessions = new Sessions({
    ...{ tokens: books.tokens, sessions: books.sessions, now: () => clock.now() },
    touches: new Touches(() => clock.now()),
    limits: () => ({ idleMs: DAY, maxMs: DAY }),
  });
  const create = (name: string, forMs: number | null = null, access: 'read' | 'write' = 'read') =>
    calls.createToken({ name, access, forMs, by: 'ann@web-1' });
  return { access, clock, books, events, happened, calls, sessions, create };
}

describe('tokens', () => {
  test('are told once, and listed by name without what they are', async () => {
    const { calls, create, events } = rig();
    await create('zoe', DAY, 'write');
    const made = await create('ci');
    if (!made.ok) throw new Error(made.error.message);
    expect(made.value.token).toMatch(/^stw_[\w-]{43}$/);
    const listed = await calls.tokens();
    if (!listed.ok) throw new Error(listed.error.message);
    expect(listed.value.items).toMatchObject([
      { name: 'ci', access: 'read', createdBy: 'ann@web-1', lastUsedAt: null, expiresAt: null, sessions: 0 },
      { name: 'zoe', access: 'write', expiresAt: '2026-01-02T00:00:00.000Z', expired: false },
    ]);
    expect(JSON.stringify([listed, events])).not.toContain(made.value.token.slice(4));
    expect(events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'TokenCreated: ann@web-1 created the token zoe (write, until 2026-01-02T00:00:00.000Z)',
      'TokenCreated: ann@web-1 created the token ci (read)',
    ]);
  });

  test('have names of their own, also when two are made at once, or the time of one is over', async () => {
    const { create, clock } = rig();
    const made = await Promise.all([create('ci', DAY), create('ci')]);
    expect(made.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    clock.advance(2 * DAY);
    expect(await create('ci')).toMatchObject({
      ok: false,
      error: {
        code: 'CONFLICT',
        message: expect.stringContaining('its time was over at 2026-01-02') as unknown,
        hint: 'choose another name, or first: stateward token delete ci',
      },
    });
  });

  test('say when they were used, and by how many browsers they are', async () => {
    const { calls, create, sessions, books, clock } = rig();
    await create('ci');
    clock.advance(90_000);
    const [kept] = await books.tokens.list();
    if (kept === undefined) throw new Error('there is none');
    const begun = await sessions.begin(kept.record);
    await sessions.of(begun?.secret ?? '');
    const listed = await calls.tokens();
    expect(listed).toMatchObject({
      value: { items: [{ lastUsedAt: new Date(clock.now()).toISOString(), sessions: 1 }] },
    });
  });
});

describe('a token that is deleted', () => {
  test('ends its sessions, and has what they read looked at again', async () => {
    const { calls, create, sessions, books, happened, events } = rig();
    await create('ci');
    await create('other');
    for (const { record } of await books.tokens.list()) await sessions.begin(record);
    expect(await calls.deleteToken({ token: 'ci', by: 'bob' })).toMatchObject({
      ok: true,
      value: { name: 'ci', sessions: 1 },
    });
    expect((await books.sessions.list()).map(({ record }) => record.name)).toEqual(['other']);
    expect(happened).toEqual(['recheck']);
    expect(events.at(-1)).toMatchObject({
      reason: 'TokenDeleted',
      message: 'bob deleted the token ci (read)',
    });
  });

  test('is meant by its name, its id, or the beginning of that', async () => {
    const { calls, create, books } = rig();
    await create('ci');
    const [kept] = await books.tokens.list();
    const id = kept?.record.id ?? '';
    expect(await calls.deleteToken({ token: id.slice(0, 5), by: 'bob' })).toMatchObject({ ok: false });
    expect(await calls.deleteToken({ token: id.slice(0, 8), by: 'bob' })).toMatchObject({ ok: true });
  });

  test.each([
    ['c1', 'did you mean ci?'],
    ['prometheus', 'known are ci'],
  ])('and is none, %s, says which there are', async (token, hint) => {
    const { calls, create } = rig();
    await create('ci');
    expect(await calls.deleteToken({ token, by: 'bob' })).toMatchObject({
      ok: false,
      error: { code: 'NOT_FOUND', message: `there is no token ${token}`, hint },
    });
  });
});

describe('a link to the dashboard', () => {
  test('is for a while, and is no token that anybody lists or deletes', async () => {
    const { calls, books, clock } = rig();
    const answer = await calls.logIn({ access: 'write', by: 'ann' });
    expect(answer).toMatchObject({
      ok: true,
      value: {
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:9615\/#token=stl_[\w-]{43}$/) as unknown,
        expiresAt: '2026-01-01T00:10:00.000Z',
        problem: null,
      },
    });
    expect(await calls.tokens()).toMatchObject({ value: { items: [] } });
    const [kept] = await books.tokens.list();
    expect(await calls.deleteToken({ token: kept?.record.id ?? '', by: 'x' })).toMatchObject({ ok: false });
    // Those that nobody took go with the next one.
    clock.advance(11 * 60_000);
    await calls.logIn({ access: 'read', by: 'ann' });
    expect(await books.tokens.list()).toHaveLength(1);
  });

  test('is none where nothing listens', async () => {
    const { calls, books } = rig(null);
    expect(await calls.logIn({ access: 'read', by: 'ann' })).toEqual({
      ok: true,
      value: { url: null, expiresAt: null, problem: null },
    });
    expect(await books.tokens.list()).toEqual([]);
  });
});
