import { getHeapStatistics } from 'node:v8';
import type { Cancel, Clock } from '../clocks/clock.ts';

const PERIOD_MS = 20_000;
/** What is worth a collection, in bytes. */
const WORTH = 2 * 1024 * 1024;

export interface GiveBackOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Collects garbage; absent: as V8 does, null: it cannot be asked to, as Node was started without `--expose-gc`. */
  readonly collect?: (() => void) | null;
  /** Bytes that V8 holds for the heap. */
  readonly heapBytes?: () => number;
}

/**
 * Gives memory back that a burst of work has needed, once it is over. V8 would keep it: it collects when much is allocated, and
 * a process that idles allocates next to nothing. Nothing is done while the heap still grows, nor where little would
 * come of it.
 */
export function giveBackMemory({
  clock,
  collect = globalThis.gc === undefined ? null : () => globalThis.gc?.(),
  heapBytes = () => getHeapStatistics().total_heap_size,
}: GiveBackOptions): Cancel {
  if (collect === null) return () => undefined;
  /** What was held after the last collection. */
  let kept = 0;
  let before = Infinity;
  let cancel: Cancel;
  const look = (): void => {
    const held = heapBytes();
    if (held <= before && held >= kept + WORTH) {
      // The first frees, the second moves together what is left.
      collect();
      collect();
      kept = heapBytes();
    }
    before = heapBytes();
    cancel = clock.after(PERIOD_MS, look);
  };
  cancel = clock.after(PERIOD_MS, look);
  return () => cancel();
}
