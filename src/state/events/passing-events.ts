import type { EventRecord } from '../model/types.ts';
import type { EventsQuery } from './event-log.ts';

/** How many are remembered, whatever app they are from. */
const REMEMBERED = 200;

/** Whether an event passes by: it is told to who listens and is not kept, because an app decides how many there are. */
export function isPassing({ reason }: Pick<EventRecord, 'reason'>): boolean {
  return reason === 'MessageReceived';
}

/**
 * The last events that passed by, in memory only. They have no number of their own but that of the event before them,
 * so that however many there are, none of the others is lost or numbered anew.
 */
export class PassingEvents {
  #recent: readonly EventRecord[] = [];

  add(event: EventRecord): void {
    this.#recent = [...this.#recent, event].slice(-REMEMBERED);
  }

  /** What was read of the log, with what passed by in between. */
  mixedInto(
    kept: readonly EventRecord[],
    { after, limit, accept = () => true }: EventsQuery,
  ): readonly EventRecord[] {
    const passed = this.#recent.filter(
      (event) => (after === undefined || event.seq > after) && accept(event),
    );
    if (passed.length === 0) return kept;
    // Sorting keeps the order of equals: what passed by comes behind the event whose number it has.
    const all = [...kept, ...passed].sort((a, b) => a.seq - b.seq);
    return after === undefined ? all.slice(-limit) : all.slice(0, limit);
  }
}
