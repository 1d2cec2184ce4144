/**
 * Numbers the sockets of one kind that this process has at a time, so that the n-th of each process is the same socket:
 * two calls of `listen(0)` are two ports, and each is one port in all processes.
 */
export class ListenIndexes {
  readonly #kinds = new Map<string, { next: number; readonly used: Set<number> }>();

  /** The number, and what gives it back. */
  take(kind: string): { readonly index: number; readonly release: () => void } {
    const known = this.#kinds.get(kind) ?? { next: 0, used: new Set() };
    this.#kinds.set(kind, known);
    const index = known.next++;
    known.used.add(index);
    const release = (): void => {
      known.used.delete(index);
      if (known.used.size === 0 && this.#kinds.get(kind) === known) this.#kinds.delete(kind);
    };
    return { index, release };
  }
}
