import type { EventRecord } from '../../../state/model/types.ts';

/** One event as sent: EventRecord with an RFC 3339 time. */
export interface EventInfo extends Omit<EventRecord, 'at'> {
  readonly at: string;
}

/** GET /v1/events?after=SEQ&limit=N&selector=S[&follow=true: server-sent, `id:` is the seq]. */
export interface EventList {
  readonly apiVersion: 'v1';
  readonly kind: 'EventList';
  readonly items: readonly EventInfo[];
}
