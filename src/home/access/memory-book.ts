import type { Book, Kept } from './book.ts';

/** Records that end with the process. `now`: epoch milliseconds. */
export function memoryBook<R>(now: () => number): Book<R> {
  const kept = new Map<string, Kept<R>>();
  return {
    read: (id) => Promise.resolve(kept.get(id) ?? null),
    list: () => Promise.resolve([...kept.values()]),
    add: (id, record, usedAt) => {
      kept.set(id, { record, usedAt });
      return Promise.resolve();
    },
    remove: (id) => Promise.resolve(kept.delete(id)),
    touch: (id) => {
      const one = kept.get(id);
      if (one !== undefined) kept.set(id, { ...one, usedAt: now() });
      return Promise.resolve();
    },
  };
}
