import { describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../src/reconcile/queue.ts';
import { Turns } from '../../src/lib/turns/turns.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Work that ends when the test says so. */
function steeredQueue(concurrency = 2) {
  const clock = new FakeClock();
  const started: string[] = [];
  const errors: string[] = [];
  const open = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const queue = new KeyedQueue<string>({
    clock,
    concurrency,
    work: (key) => {
      started.push(key);
      return new Promise((resolve, reject) => open.set(key, { resolve, reject }));
    },
    onError: (key, error, retryInMs) => errors.push(`${key} ${(error as Error).message} ${retryInMs}`),
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    clock,
    queue,
    started,
    errors,
    finish: async (key: string) => {
      open.get(key)?.resolve();
      await settle();
    },
    fail: async (key: string, message: string) => {
      open.get(key)?.reject(new Error(message));
      await settle();
    },
  };
}

describe('the keyed queue', () => {
  it('works on a key once however often it was added while waiting', async () => {
    const { queue, started, finish } = steeredQueue(1);
    queue.add('a');
    queue.add('b');
    queue.add('b');
    queue.add('b');
    await finish('a');
    await finish('b');
    expect(started).toEqual(['a', 'b']);
  });

  it('gives the place of a key that waits aside to the next, and takes no more when it goes on', async () => {
    const started: string[] = [];
    const open = new Map<string, () => void>();
    const until = (what: string) => new Promise<void>((resolve) => open.set(what, resolve));
    const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
    const end = (what: string): Promise<void> => {
      open.get(what)?.();
      return settle();
    };
    const queue: KeyedQueue<string> = new KeyedQueue<string>({
      clock: new FakeClock(),
      concurrency: 1,
      onError: () => undefined,
      work: async (key) => {
        started.push(key);
        if (key !== 'c') await queue.aside(() => until(`${key} aside`));
        await until(key);
      },
    });
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    queue.add('a');
    await end('a aside');
    await end('b aside');
    await end('c');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c', 'd', 'a']);
    for (const key of ['d aside', 'a aside', 'd', 'a']) await end(key);
    await queue.idle();
  });

  it('never works on a key twice at once, and once more when it was added meanwhile', async () => {
    const { queue, started, finish } = steeredQueue();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(started).toEqual(['a']);
    await finish('a');
    expect(started).toEqual(['a', 'a']);
    await finish('a');
    expect(started).toEqual(['a', 'a']);
  });

  it('works on no more keys at once than it may', async () => {
    const { queue, started, finish } = steeredQueue(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(started).toEqual(['a', 'b']);
    await finish('a');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('keeps the earliest of several delays', () => {
    const { clock, queue, started } = steeredQueue();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 100);
    queue.addAfter('a', 500);
    clock.advance(99);
    expect(started).toEqual([]);
    clock.advance(1);
    expect(started).toEqual(['a']);
  });

  it('tries failed work again after a back-off that doubles and is reset by success', async () => {
    const { clock, queue, errors, fail, finish } = steeredQueue();
    queue.add('a');
    await fail('a', 'first');
    clock.advance(50);
    await fail('a', 'second');
    clock.advance(100);
    await finish('a');
    queue.add('a');
    await fail('a', 'third');
    expect(errors).toEqual(['a first 50', 'a second 100', 'a third 50']);
  });

  it('does not let the failure of one key hold up another', async () => {
    const { queue, started, fail } = steeredQueue(1);
    queue.add('a');
    queue.add('b');
    await fail('a', 'no');
    expect(started).toEqual(['a', 'b']);
  });

  it('closes when the work under way is done, and takes no more', async () => {
    const { clock, queue, started, finish } = steeredQueue(1);
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    const closed = queue.close();
    queue.add('d');
    await finish('a');
    await closed;
    clock.advance(100);
    expect(started).toEqual(['a']);
  });
});

describe('a host of keys', () => {
  /** How long one turn of the event loop was held at most while so many keys of a millisecond each are worked on. */
  async function longestTurn(keys: number): Promise<number> {
    let now = 0;
    let begun = 0;
    let longest = 0;
    const done = new Set<string>();
    const turns = new Turns(
      () => now,
      (callback) => {
        setImmediate(() => {
          longest = Math.max(longest, now - begun);
          begun = now;
          callback();
        });
      },
    );
    const queue = new KeyedQueue<string>({
      clock: new FakeClock(),
      concurrency: 8,
      work: async (key) => {
        await Promise.resolve();
        now += 1;
        done.add(key);
      },
      onError: () => undefined,
      turns,
    });
    for (let key = 0; key < keys; key += 1) queue.add(`${key}`);
    await queue.idle();
    expect(done.size).toBe(keys);
    return longest;
  }

  it('holds the event loop no longer however many there are', async () => {
    // A slice, and those that were begun in it.
    expect(await longestTurn(100)).toBeLessThan(30);
    expect(await longestTurn(10_000)).toBeLessThan(30);
  });
});
