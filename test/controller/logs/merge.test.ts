import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merge, type MergeOrder } from '../../../src/controller/logs/merge.ts';

interface Item {
  readonly key: number;
  readonly id: string;
}

async function* batches(items: readonly Item[], size: number): AsyncGenerator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield await Promise.resolve(items.slice(at, at + size));
  yield [];
}

async function merged(sources: readonly (readonly Item[])[], order: MergeOrder, size = 3): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of merge(
    sources.map((items) => batches(items, size)),
    order,
  )) {
    ids.push(...batch.map(({ item }) => item.id));
  }
  return ids;
}

const item = (key: number, id: string): Item => ({ key, id });

describe('merging', () => {
  test.each<[string, MergeOrder, readonly (readonly Item[])[], string]>([
    ['nothing', 'oldest-first', [], ''],
    ['empty sources', 'oldest-first', [[], []], ''],
    ['one source', 'oldest-first', [[item(1, 'a'), item(2, 'b')]], 'ab'],
    [
      'two by time',
      'oldest-first',
      [
        [item(1, 'a'), item(4, 'd')],
        [item(2, 'b'), item(3, 'c')],
      ],
      'abcd',
    ],
    ['the same moment in the order given', 'oldest-first', [[item(1, 'a')], [item(1, 'b')]], 'ab'],
    ['backwards so that it reads forwards', 'newest-first', [[item(1, 'a')], [item(1, 'b')]], 'ba'],
    [
      'a clock that was set back, kept as it stands',
      'oldest-first',
      [
        [item(5, 'a'), item(1, 'b')],
        [item(3, 'x'), item(6, 'y')],
      ],
      'xaby',
    ],
  ])('%s', async (_, order, sources, expected) => {
    expect((await merged(sources, order)).join('')).toBe(expected);
  });

  test('keeps the order of each source, and gives every item once', async () => {
    const keys = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 });
    const order = fc.constantFrom<MergeOrder>('oldest-first', 'newest-first');
    await fc.assert(
      fc.asyncProperty(
        fc.array(keys, { maxLength: 6 }),
        order,
        fc.integer({ min: 1, max: 5 }),
        async (all, which, size) => {
          const sources = all.map((some, source) => some.map((key, at) => item(key, `${source}:${at}`)));
          const ids = await merged(sources, which, size);
          expect([...ids].sort()).toEqual(sources.flatMap((items) => items.map(({ id }) => id)).sort());
          for (const [source, items] of sources.entries()) {
            expect(ids.filter((id) => id.startsWith(`${source}:`))).toEqual(items.map(({ id }) => id));
          }
        },
      ),
    );
  });

  test('backwards is forwards turned round, where every source is in order', async () => {
    const keys = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { maxLength: 6 }), async (all) => {
        const sources = all.map((some, source) =>
          [...some].sort((a, b) => a - b).map((key, at) => item(key, `${source}:${at}`)),
        );
        const back = await merged(
          sources.map((items) => [...items].reverse()),
          'newest-first',
        );
        expect(back.reverse()).toEqual(await merged(sources, 'oldest-first'));
      }),
    );
  });

  test('ends its sources when whoever reads it has enough', async () => {
    let ended = 0;
    async function* endless(): AsyncGenerator<readonly Item[]> {
      try {
        for (let key = 0; ; key++) yield await Promise.resolve([item(key, 'x')]);
      } finally {
        ended += 1;
      }
    }
    for await (const batch of merge([endless(), endless()], 'oldest-first')) {
      if (batch.length > 0) break;
    }
    expect(ended).toBe(2);
  });
});
