import { events, lines } from './endpoint.ts';
import { appsQuery, followedEventsQuery, type AppsQuery, type EventsQuery } from './queries.ts';
import { OF_PROCESSES } from './table.ts';
import { logsQuery, type LogsQuery } from './logs-query.ts';
import type { AppList } from '../wire/apps.ts';
import type { EventInfo } from '../wire/events.ts';
import type { FeedItem } from '../wire/dash/feed.ts';
import { feedQuery, type FeedQuery } from './feed-query.ts';
import type { LogItem } from '../wire/logs.ts';

/** Every endpoint that gives items one by one. A stream ends when its reader's signal fires. */
export const STREAMS = {
  /** One list now, and one after every change; changes may be merged for a slow reader. */
  watchApps: events<AppsQuery, AppList>('/v1/apps?watch=true', appsQuery, OF_PROCESSES),
  /** What comes after `after`, each once and in order; without it, from now on. */
  followEvents: events<EventsQuery, EventInfo>('/v1/events?follow=true', followedEventsQuery, {
    idOf: ({ seq }) => String(seq),
  }),
  /** What one window of the dashboard shows. */
  feed: events<FeedQuery, FeedItem>('/v1/feed', feedQuery, {
    ...OF_PROCESSES,
    idOf: (item) => (item.kind === 'event' ? String(item.event.seq) : undefined),
  }),
  logs: lines<LogsQuery, LogItem>('/v1/logs', logsQuery, ({ follow }) => follow),
};
