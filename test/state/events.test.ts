import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AppKey } from '../../src/lib/app-key.ts';
import type { NewEvent } from '../../src/state/events/event-log.ts';
import { followEvents } from '../../src/state/events/follow-events.ts';
import type { Store } from '../../src/state/store.ts';
import type { EventRecord } from '../../src/state/model/types.ts';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { eventually } from '../support/eventually.ts';
import { eventFiles, openedStore, temporaryFolder } from './folder.ts';

function event(message: string, key: AppKey = 'shop/api'): NewEvent {
  return { at: 1, level: 'info', reason: 'Created', message, key, slot: 0, pid: 1, generation: 1 };
}

function append(store: Store, from: number, to: number): void {
  for (let n = from; n <= to; n++) store.appendEvent(event(`event ${n}`));
}

const seqs = (events: readonly EventRecord[]): number[] => events.map(({ seq }) => seq);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('the numbers of events', () => {
  test('go on after a restart', async () => {
    const dir = temporaryFolder();
    const first = await openedStore(dir);
    append(first, 1, 3);
    await first.close();
    const second = await openedStore(dir);
    expect(second.appendEvent(event('four'))).toMatchObject({ seq: 4, message: 'four' });
    expect(seqs(await second.events({ limit: 10 }))).toEqual([1, 2, 3, 4]);
  });

  test('are never given twice to a reader that saw them, though nothing was closed', async () => {
    const dir = temporaryFolder();
    append(await openedStore(dir), 1, 5);
    expect((await openedStore(dir)).appendEvent(event('next')).seq).toBe(6);
  });

  test.each<[string, (path: string) => void, number]>([
    ['a cut last line', (path) => truncateSync(path, statSync(path).size - 20), 3],
    ['a line of zeros', (path) => appendFileSync(path, Buffer.alloc(100)), 4],
    ['a line that was changed', (path) => edit(path, '"seq":3', '"seq":9'), 3],
  ])('survive %s', async (_, damage, next) => {
    const dir = temporaryFolder();
    const first = await openedStore(dir);
    append(first, 1, 3);
    await first.close();
    damage(join(dir, 'events.ndjson'));
    const second = await openedStore(dir);
    expect(second.appendEvent(event('next')).seq).toBe(next);
    await second.close();
    const third = await openedStore(dir);
    expect(seqs(await third.events({ limit: 10 })).at(-1)).toBe(next);
  });

  test('survive rotation, which bounds the disk', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir, { retention: eventFiles(2_000) });
    append(store, 1, 100);
    const path = join(dir, 'events.ndjson');
    expect(statSync(path).size).toBeLessThanOrEqual(2_000);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(2_000);
    expect(existsSync(`${path}.2`)).toBe(false);
    await store.close();
    const again = await openedStore(dir, { retention: eventFiles(2_000) });
    expect(again.appendEvent(event('next')).seq).toBe(101);
  });

  test('are bounded by what is to be kept now, more or less than before', async () => {
    const dir = temporaryFolder();
    const path = join(dir, 'events.ndjson');
    const clock = new FakeClock();
    let eventFileBytes = 2_000;
    const retention = () => ({ revisions: 20, eventFileBytes });
    const store = await openedStore(dir, { retention, clock });
    append(store, 1, 100);
    eventFileBytes = 20_000;
    append(store, 101, 200);
    expect(statSync(path).size).toBeGreaterThan(4_000);
    const long = statSync(path).size;
    eventFileBytes = 2_000;
    append(store, 201, 202);
    expect(statSync(`${path}.1`).size).toBe(long);
    // What is rotated as long as it was is shortened when the files are looked at.
    clock.advance(60_000);
    await eventually(() => statSync(`${path}.1`).size <= 2_000);
    const kept = await store.events({ limit: 500 });
    expect(seqs(kept)).toContain(202);
    expect(kept.at(-1)).toMatchObject({
      ...{ level: 'info', reason: 'EventsTrimmed' },
      message: expect.stringMatching(
        /events\.ndjson\.1 was \d+ bytes long: its newest events were kept/,
      ) as string,
    });
  });
});

function edit(path: string, from: string, to: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

describe('reading events', () => {
  test('gives the newest, or the oldest behind a number, also beyond what memory holds', async () => {
    const store = await openedStore(temporaryFolder());
    append(store, 1, 5_000);
    expect(seqs(await store.events({ limit: 3 }))).toEqual([4_998, 4_999, 5_000]);
    expect(seqs(await store.events({ after: 10, limit: 3 }))).toEqual([11, 12, 13]);
    expect(seqs(await store.events({ after: 4_998, limit: 10 }))).toEqual([4_999, 5_000]);
    expect(seqs(await store.events({ after: 5_000, limit: 10 }))).toEqual([]);
    expect(seqs(await store.events({ limit: 10_000 }))).toEqual(range(1, 5_000));
    expect(await store.events({ limit: 0 })).toEqual([]);
  });

  test('finds the few of one app among many', async () => {
    const store = await openedStore(temporaryFolder());
    store.appendEvent(event('rare', 'shop/rare'));
    append(store, 1, 4_000);
    const rare = await store.events({ limit: 5, accept: ({ key }) => key === 'shop/rare' });
    expect(rare).toMatchObject([{ seq: 1, message: 'rare' }]);
  });
});

describe('subscribers', () => {
  test('cannot break the store or each other', async () => {
    const errors: unknown[] = [];
    const store = await openedStore(temporaryFolder(), { onError: (error) => errors.push(error) });
    const seen: number[] = [];
    store.subscribe(() => {
      throw new Error('listener');
    });
    const unsubscribe = store.subscribe(({ seq }) => seen.push(seq));
    store.appendEvent(event('one'));
    unsubscribe();
    store.appendEvent(event('two'));
    expect(seen).toEqual([1]);
    expect(errors).toEqual([new Error('listener'), new Error('listener')]);
  });

  test('are told also when the disk takes nothing', async () => {
    const dir = temporaryFolder();
    const errors: unknown[] = [];
    const store = await openedStore(dir, {
      retention: eventFiles(1),
      onError: (error) => errors.push(error),
    });
    const seen: number[] = [];
    store.subscribe(({ seq }) => seen.push(seq));
    store.appendEvent(event('one'));
    // From now on no rotation can be written.
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'in the way');
    store.appendEvent(event('two'));
    expect(seen).toEqual([1, 2]);
    expect(errors.map(String)).toEqual([expect.stringContaining('not a folder')]);
    expect(seqs(await store.events({ limit: 5 }))).toEqual([1, 2]);
  });
});

describe('following events', () => {
  test('gives the past behind a number and then what happens, each once', async () => {
    const store = await openedStore(temporaryFolder());
    append(store, 1, 3);
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of followEvents(store, { after: 1, signal: stop.signal })) {
      seen.push(seq);
      if (seq === 2) append(store, 4, 5);
      if (seq === 5) stop.abort();
    }
    expect(seen).toEqual([2, 3, 4, 5]);
  });

  test('ends when it is aborted while it waits', async () => {
    const store = await openedStore(temporaryFolder());
    const stop = new AbortController();
    const next = followEvents(store, { signal: stop.signal }).next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('gives up a reader that is too slow', async () => {
    const store = await openedStore(temporaryFolder());
    const { signal } = new AbortController();
    const events = followEvents(store, { after: 0, signal, maxWaiting: 10 });
    append(store, 1, 1);
    expect(await events.next()).toMatchObject({ value: { seq: 1 } });
    append(store, 2, 50);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

describe('events that pass by', () => {
  const said = (message: string): NewEvent => ({ ...event(message), reason: 'MessageReceived' });
  const texts = (events: readonly EventRecord[]): string[] => events.map(({ message }) => message);

  test('take no number from those that are kept, and stand between them for a while', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    append(store, 1, 2);
    store.announce(said('hello'));
    store.announce(said('again'));
    append(store, 3, 3);
    expect(texts(await store.events({ limit: 10 }))).toEqual([
      'event 1',
      'event 2',
      'hello',
      'again',
      'event 3',
    ]);
    expect(texts(await store.events({ limit: 2 }))).toEqual(['again', 'event 3']);
    expect(texts(await store.events({ after: 2, limit: 10 }))).toEqual(['event 3']);
    await store.close();
    expect(texts(await (await openedStore(dir)).events({ limit: 10 }))).toEqual([
      'event 1',
      'event 2',
      'event 3',
    ]);
  });

  test('are bounded, however chatty an app is, and push nothing else out', async () => {
    const store = await openedStore(temporaryFolder(), { retention: eventFiles(10_000) });
    append(store, 1, 5);
    for (let n = 0; n < 5_000; n++) store.announce(said(`message ${n}`));
    expect(await store.events({ limit: 10_000 })).toHaveLength(205);
    expect(seqs(await store.events({ after: 0, limit: 5 }))).toEqual(range(1, 5));
  });

  test('are told once to who follows, in between', async () => {
    const store = await openedStore(temporaryFolder());
    append(store, 1, 2);
    store.announce(said('before'));
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { message } of followEvents(store, { after: 0, signal: stop.signal })) {
      seen.push(message);
      if (message === 'event 2') {
        store.announce(said('hello'));
        append(store, 3, 3);
        store.announce(said('bye'));
      }
      if (message === 'bye') stop.abort();
    }
    expect(seen).toEqual(['event 1', 'event 2', 'hello', 'event 3', 'bye']);
  });
});

describe('a log', () => {
  test('that has grown beyond every bound is read from its end, and shortened while the store is open', async () => {
    const dir = temporaryFolder();
    const first = await openedStore(dir);
    append(first, 1, 3_000);
    await first.close();
    const due: (() => void)[] = [];
    const clock = {
      ...systemClock,
      after: (ms: number, callback: () => void) => {
        if (ms === 5_000) due.push(callback);
        return () => undefined;
      },
    };
    const path = join(dir, 'events.ndjson');
    const before = statSync(path).size;
    const store = await openedStore(dir, { retention: eventFiles(20_000), clock });
    expect(store.appendEvent(event('next')).seq).toBe(3_001);
    expect(statSync(`${path}.1`).size).toBe(before);
    due[0]?.();
    await eventually(() => statSync(`${path}.1`).size <= 20_000);
    const kept = seqs(await store.events({ limit: 5_000 }));
    expect(kept).toEqual(range(kept[0] ?? 0, kept.at(-1) ?? 0));
    expect(kept).toContain(3_001);
    await store.close();
    const again = await openedStore(dir, { retention: eventFiles(20_000) });
    expect(seqs(await again.events({ limit: 1 }))).toEqual(kept.slice(-1));
    expect(seqs(await again.events({ after: 0, limit: 5_000 })).at(-1)).toBe(kept.at(-1));
  });

  test('that could not be written for a while holds everything in its order afterwards', async () => {
    const dir = temporaryFolder();
    const away = `${dir}.away`;
    const store = await openedStore(dir, { retention: eventFiles(1) });
    append(store, 1, 2);
    renameSync(dir, away);
    writeFileSync(dir, 'in the way');
    append(store, 3, 40);
    expect(store.unwritten()?.problem.file).toBe(join(dir, 'events.ndjson'));
    rmSync(dir);
    renameSync(away, dir);
    expect(await store.settle()).toBeNull();
    await store.close();
    // Of so small a log the last lines are kept.
    const reader = await openedStore(dir, { readOnly: true });
    expect(seqs(await reader.events({ limit: 2 })).at(-1)).toBeGreaterThanOrEqual(40);
  });

  test('tells a follower that knows more than was written everything of this controller', async () => {
    const dir = temporaryFolder();
    const first = await openedStore(dir);
    append(first, 1, 3);
    await first.close();
    const store = await openedStore(dir);
    append(store, 4, 5);
    const abort = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of followEvents(store, { after: 90, signal: abort.signal })) {
      seen.push(seq);
      if (seq === 5) abort.abort();
    }
    expect(seen).toEqual([4, 5]);
  });
});
