interface Step<T> {
  readonly source: AsyncIterator<T>;
  readonly result: IteratorResult<T>;
}

/**
 * The items of several streams as they come, one asked for at a time of each. Those that come first in the list go first
 * where several have something, but one that has waited is not passed over twice. Ends when all have; ends all when its
 * reader leaves.
 */
export async function* merged<T>(streams: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const waiting = new Map<AsyncIterator<T>, Promise<Step<T>>>();
  const ask = (source: AsyncIterator<T>): void => {
    // What has given something goes behind the others.
    waiting.delete(source);
    waiting.set(
      source,
      source.next().then((result) => ({ source, result })),
    );
  };
  for (const stream of streams) ask(stream[Symbol.asyncIterator]());
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values());
      if (result.done === true) waiting.delete(source);
      else {
        ask(source);
        yield result.value;
      }
    }
  } finally {
    // A stream that waits for something ends by the signal that it was given; nobody waits for it here.
    for (const [source, step] of waiting) {
      step.catch(() => undefined);
      void source.return?.().catch(() => undefined);
    }
  }
}
