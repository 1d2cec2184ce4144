/**
 * Long work in pieces: after each of them it may be left for a while, with what it works on as it stands (`inTurns`).
 */
export type Pieces<T> = Generator<undefined, T, undefined>;

/** Does work to its end at once, for whoever has nothing else to do. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** What `map` makes of each item, a piece an item. */
export function* mapPieces<T, R>(items: Iterable<T>, map: (item: T) => R): Pieces<R[]> {
  const mapped: R[] = [];
  for (const item of items) {
    mapped.push(map(item));
    yield;
  }
  return mapped;
}
