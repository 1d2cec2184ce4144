/** At most so many in a batch: others have their turn in between. */
const MOST = 200;

/**
 * The items of a stream, together with those that follow at once: a flood costs a message for many lines, and a line that
 * comes alone does not wait for others.
 */
export async function* batched<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  const source = items[Symbol.asyncIterator]();
  let next = source.next();
  try {
    for (;;) {
      const first = await next;
      if (first.done === true) return;
      const batch = [first.value];
      next = source.next();
      while (batch.length < MOST) {
        const more = await Promise.race([next, atOnce()]);
        if (more === null || more.done === true) break;
        batch.push(more.value);
        next = source.next();
      }
      yield batch;
    }
  } finally {
    next.catch(() => undefined);
    void source.return?.().catch(() => undefined);
  }
}

/** Resolves after everything that is at hand already. */
function atOnce(): Promise<null> {
  return new Promise((resolve) => setImmediate(() => resolve(null)));
}
