/** What is merged: each source gives its items in order, as far as it knows. */
export interface Ordered {
  readonly key: number;
}

export interface Merged<T> {
  /** Its number, in the order in which the sources were given. */
  readonly source: number;
  readonly item: T;
}

/** `oldest-first`: keys rise; `newest-first`: they fall. */
export type MergeOrder = 'oldest-first' | 'newest-first';

/** Sources that are asked for their first items at the same time. */
const PARALLEL = 32;
/** What is given out at once, at most. */
const MAX_BATCH = 512;

interface Reader<T> {
  readonly number: number;
  readonly items: AsyncIterator<readonly T[]>;
  batch: readonly T[];
  at: number;
  /** Of its next item; never against the order, whatever the items say. */
  key: number;
}

/**
 * Merges sources by their keys, reading no further in any of them than it must. The order within a source is kept, also
 * where its keys are against it (a clock that was set back). Of equal keys, those of the source that was given first are
 * older. What ends early ends its sources.
 */
export async function* merge<T extends Ordered>(
  sources: readonly AsyncIterable<readonly T[]>[],
  order: MergeOrder,
): AsyncGenerator<readonly Merged<T>[]> {
  const sign = order === 'oldest-first' ? 1 : -1;
  const readers = sources.map((source, number): Reader<T> => {
    return { number, items: source[Symbol.asyncIterator](), batch: [], at: 0, key: -Infinity };
  });
  const isBefore = (a: Reader<T>, b: Reader<T>): boolean =>
    a.key < b.key || (a.key === b.key && sign * a.number < sign * b.number);
  try {
    const heap: Reader<T>[] = [];
    for (let first = 0; first < readers.length; first += PARALLEL) {
      const some = readers.slice(first, first + PARALLEL);
      const filled = await Promise.all(some.map((reader) => load(reader, sign)));
      some.forEach((reader, index) => {
        if (filled[index] === true) push(heap, reader, isBefore);
      });
    }
    let out: Merged<T>[] = [];
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      out.push({ source: top.number, item: top.batch[top.at] as T });
      top.at += 1;
      const isEmpty = top.at === top.batch.length;
      if (out.length >= MAX_BATCH || (isEmpty && out.length > 0)) {
        yield out;
        out = [];
      }
      if (isEmpty && !(await load(top, sign))) removeTop(heap, isBefore);
      else {
        if (!isEmpty) setKey(top, sign);
        siftDown(heap, isBefore);
      }
    }
  } finally {
    for (const { items } of readers) await items.return?.();
  }
}

/** The next items of a source; false: it has ended. */
async function load<T extends Ordered>(reader: Reader<T>, sign: number): Promise<boolean> {
  for (;;) {
    const next = await reader.items.next();
    if (next.done === true) return false;
    if (next.value.length === 0) continue;
    reader.batch = next.value;
    reader.at = 0;
    setKey(reader, sign);
    return true;
  }
}

function setKey<T extends Ordered>(reader: Reader<T>, sign: number): void {
  reader.key = Math.max(reader.key, sign * (reader.batch[reader.at]?.key ?? 0));
}

type IsBefore<R> = (a: R, b: R) => boolean;

function push<R>(heap: R[], item: R, isBefore: IsBefore<R>): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(item, heap[parent] as R)) break;
    heap[at] = heap[parent] as R;
    at = parent;
  }
  heap[at] = item;
}

function removeTop<R>(heap: R[], isBefore: IsBefore<R>): void {
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return;
  heap[0] = last;
  siftDown(heap, isBefore);
}

function siftDown<R>(heap: R[], isBefore: IsBefore<R>): void {
  const item = heap[0] as R;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as R, heap[child] as R)) child += 1;
    if (!isBefore(heap[child] as R, item)) break;
    heap[at] = heap[child] as R;
    at = child;
  }
  heap[at] = item;
}
