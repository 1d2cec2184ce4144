/** A record, and when it was used last. */
export interface Kept<R> {
  readonly record: R;
  /** Epoch milliseconds. */
  readonly usedAt: number;
}

/** Records by their ids. */
export interface Book<R> {
  read(id: string): Promise<Kept<R> | null>;
  /** All that can be read. */
  list(): Promise<readonly Kept<R>[]>;
  /** `usedAt`: until it is used. */
  add(id: string, record: R, usedAt: number): Promise<void>;
  /** Whether it was this call that removed it: of two that try at once, one. */
  remove(id: string): Promise<boolean>;
  /** It was used just now. */
  touch(id: string): Promise<void>;
}
