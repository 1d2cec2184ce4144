import { ok } from '../../../lib/result.ts';
import type { Form } from './endpoint.ts';
import { all, given, readWhole } from './query-parts.ts';

const MAX_EVENTS = 1_000;
const MAX_LINES = 10_000;
/** Of a log that is followed, lines from before. */
export const DEFAULT_LINES = 200;

/** What a feed has in it beside apps and what happens. */
export interface FeedQuery {
  /** Events from before it begins, the newest. Absent: none. */
  readonly events?: number;
  /** Events behind this number instead: of a client that comes back. */
  readonly after?: number;
  /** Have the agents measure what they can. */
  readonly agents?: boolean;
  /** The log of this app, or of one instance of it, followed. Absent: of none. */
  readonly logs?: string;
  /** Of that log, lines from before; 200 when it is not said. */
  readonly lines?: number;
  /** That log without the secrets of the app. */
  readonly redacted?: boolean;
  /** Marks of what was read before (see LogMark). */
  readonly from?: readonly string[];
}

/** `events=N&after=SEQ&agents=true&logs=SELECTOR&lines=N&redacted=true&from=MARK&from=…`; a `Last-Event-ID` wins. */
export const feedQuery: Form<FeedQuery> = {
  write: ({ events, after, agents, logs, lines, redacted, from }) => ({
    query: [
      ...given('events', events),
      ...given('after', after),
      ...all('agents', agents === true ? ['true'] : []),
      ...given('logs', logs),
      ...given('lines', lines),
      ...all('redacted', redacted === true ? ['true'] : []),
      ...all('from', from ?? []),
    ],
  }),
  read({ query, lastEventId }) {
    const events = readWhole(query.get('events'), 'events', MAX_EVENTS);
    if (!events.ok) return events;
    const after = readWhole(lastEventId ?? query.get('after'), 'after', Number.MAX_SAFE_INTEGER);
    if (!after.ok) return after;
    const lines = readWhole(query.get('lines'), 'lines', MAX_LINES);
    if (!lines.ok) return lines;
    const logs = query.get('logs');
    return ok({
      ...(events.value !== null && { events: events.value }),
      ...(after.value !== null && { after: after.value }),
      ...(query.get('agents') === 'true' && { agents: true }),
      ...(logs !== null && { logs, lines: lines.value ?? DEFAULT_LINES }),
      ...(query.get('redacted') === 'true' && { redacted: true }),
      ...(query.has('from') && { from: query.getAll('from') }),
    });
  },
};
