/** What is done in each folder, one after the other. */
const turns = new Map<string, Promise<unknown>>();

/** Runs work on a folder once all earlier work on it has ended. */
export function inTurn<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(dir) ?? Promise.resolve()).then(work, work);
  const settled = mine
    .catch(() => undefined)
    .finally(() => {
      if (turns.get(dir) === settled) turns.delete(dir);
    });
  turns.set(dir, settled);
  return mine;
}
