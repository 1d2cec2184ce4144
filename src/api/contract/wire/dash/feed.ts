import type { Failure } from '../../../../lib/failure.ts';
import type { AppList } from '../apps.ts';
import type { UsageHistoryList } from './usage-history.ts';
import type { EventInfo } from '../events.ts';
import type { LogItem } from '../logs.ts';

/**
 * GET /v1/feed (see FeedQuery for what it takes), server-sent: everything that one window shows, in one stream, so that many
 * windows need few connections. First what the apps have used of late, then a list of all apps (brief, without specs),
 * then changes as they come. `id:` is the seq of an event: who comes back with it misses none.
 */
export type FeedItem =
  | { readonly kind: 'usage'; readonly usage: UsageHistoryList }
  /** Partial after the first. */
  | { readonly kind: 'apps'; readonly apps: AppList }
  | { readonly kind: 'event'; readonly event: EventInfo }
  /** Lines of the apps that the query asks for, as many as were at hand. */
  | { readonly kind: 'logs'; readonly logs: readonly LogItem[] }
  /** The logs that were asked for cannot be read, or not any further; the rest goes on. */
  | { readonly kind: 'no-logs'; readonly failure: Failure };
