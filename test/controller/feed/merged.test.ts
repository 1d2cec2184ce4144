import { describe, expect, test } from 'vitest';
import { batched } from '../../../src/controller/feed/batched.ts';
import { merged } from '../../../src/controller/feed/merged.ts';

async function* of<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

describe('several streams in one', () => {
  test('gives every item once, in the order of its stream, and passes over none of them', async () => {
    const items: string[] = [];
    for await (const item of merged([of('a1', 'a2', 'a3'), of('b1', 'b2'), of<string>()])) items.push(item);
    expect(items.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(items.filter((item) => item.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(items.indexOf('b1')).toBeLessThan(items.indexOf('a3'));
  });

  test('ends all of them when its reader leaves', async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let at = 0; ; at += 1) yield await Promise.resolve(at);
      } finally {
        ended = true;
      }
    }
    for await (const item of merged([endless()])) if (item === 3) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(true);
  });

  test('fails when one of them does', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield await Promise.resolve(1);
      throw new Error('broken');
    }
    await expect(async () => {
      for await (const _ of merged([broken()]));
    }).rejects.toThrow('broken');
  });
});

describe('items that are at hand together', () => {
  test('come together, and at most 200 at once', async () => {
    const sizes: number[] = [];
    const numbers = Array.from({ length: 450 }, (_, at) => at);
    const given: number[] = [];
    for await (const batch of batched(of(...numbers))) {
      sizes.push(batch.length);
      given.push(...batch);
    }
    expect(given).toEqual(numbers);
    expect(Math.max(...sizes)).toBe(200);
  });

  test('do not wait for those that come later', async () => {
    let go = (): void => undefined;
    const later = new Promise<void>((resolve) => (go = resolve));
    async function* slow(): AsyncGenerator<number> {
      yield await Promise.resolve(1);
      await later;
      yield 2;
    }
    const source = batched(slow());
    expect((await source.next()).value).toEqual([1]);
    go();
    expect((await source.next()).value).toEqual([2]);
  });
});
