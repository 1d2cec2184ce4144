import type { EventRecord } from '../model/types.ts';
import type { EventsQuery } from './event-log.ts';
import { isPassing } from './passing-events.ts';

/** What a follower needs of the store. */
export interface EventSource {
  events(query: EventsQuery): Promise<readonly EventRecord[]>;
  subscribe(listener: (event: EventRecord) => void): () => void;
  /** Where somebody goes on who has seen events up to `after`; absent: there. */
  resumeAt?(after: number): number;
}

export interface FollowOptions {
  /** Start behind this number; absent: only what happens from now on. */
  readonly after?: number;
  readonly accept?: (event: EventRecord) => boolean;
  readonly signal: AbortSignal;
  /** Events that may wait for a slow reader before it is given up (the iteration ends). */
  readonly maxWaiting?: number;
}

const DEFAULT_MAX_WAITING = 10_000;

/**
 * Past events behind `after`, then live ones, each once and in order; those that pass by, from now on. Ends when the
 * signal fires or the reader is too slow. Such a reader asks again with the last number that it saw, and misses nothing.
 */
export async function* followEvents(
  source: EventSource,
  options: FollowOptions,
): AsyncGenerator<EventRecord> {
  const { signal, maxWaiting = DEFAULT_MAX_WAITING } = options;
  const after = options.after === undefined ? undefined : (source.resumeAt?.(options.after) ?? options.after);
  const accept = options.accept ?? (() => true);
  const waiting: EventRecord[] = [];
  let wake = (): void => undefined;
  const unsubscribe = source.subscribe((event) => {
    if (!accept(event)) return;
    // One more than may wait marks that something was left out.
    if (waiting.length <= maxWaiting) waiting.push(event);
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    let last = after ?? 0;
    if (after !== undefined) {
      const isKept = (event: EventRecord): boolean => !isPassing(event) && accept(event);
      for (const event of await source.events({ after, accept: isKept, limit: Infinity })) {
        if (signal.aborted) return;
        last = event.seq;
        yield event;
      }
    }
    while (!signal.aborted) {
      if (waiting.length > maxWaiting) return;
      const event = waiting.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if (event.seq > last || (event.seq === last && isPassing(event))) {
        yield event;
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}
