import type { Answer, ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { AppsQuery } from '../../api/contract/endpoints/queries.ts';
import { DEFAULT_LINES, type FeedQuery } from '../../api/contract/endpoints/feed-query.ts';
import type { LogsQuery } from '../../api/contract/endpoints/logs-query.ts';
import type { FeedItem } from '../../api/contract/wire/dash/feed.ts';
import { FailureError } from '../../lib/failure.ts';
import { ok } from '../../lib/result.ts';
import { batched } from './batched.ts';
import { merged } from './merged.ts';

/** What a feed is made of: the streams and reads that everybody has. */
export type FeedSources = Pick<ApiBackend, 'usageHistory' | 'watchApps' | 'events' | 'followEvents' | 'logs'>;

/** GET /v1/feed. Fails where apps cannot be watched; a log that cannot be read is an item of it. */
export async function openFeed(
  { events, after, agents, logs, lines = DEFAULT_LINES, redacted, from }: FeedQuery,
  sources: FeedSources,
  signal: AbortSignal,
): Answer<AsyncIterable<FeedItem>> {
  const query: AppsQuery = { selectors: [], spec: 'none', detail: 'brief', usage: true, partial: true };
  const apps = await sources.watchApps(agents === true ? { ...query, agents } : query, signal);
  if (!apps.ok) return apps;
  const usage = await sources.usageHistory({ selectors: [] });
  if (!usage.ok) return usage;
  const begin = after ?? (await beforeNewest(events ?? 0, sources));
  const happening = await sources.followEvents({ selectors: [], after: begin }, signal);
  if (!happening.ok) return happening;
  const streams: AsyncIterable<FeedItem>[] = [
    once({ kind: 'usage', usage: usage.value }),
    each(apps.value, (list): FeedItem => ({ kind: 'apps', apps: list })),
    each(happening.value, (event): FeedItem => ({ kind: 'event', event })),
  ];
  if (logs !== undefined) {
    const wanted: LogsQuery = {
      ...{ selectors: [logs], lines, stream: 'all' as const, follow: true },
      ...(redacted === true && { redacted }),
      ...(from !== undefined && { from }),
    };
    streams.push(logItems(wanted, sources, signal));
  }
  return ok(merged(streams));
}

/** The number behind which so many events are on record. */
async function beforeNewest(amount: number, sources: FeedSources): Promise<number> {
  const newest = await sources.events({ selectors: [], limit: Math.max(1, amount) });
  if (!newest.ok) throw new FailureError(newest.error);
  const { items } = newest.value;
  return amount === 0 ? (items.at(-1)?.seq ?? 0) : Math.max(0, (items[0]?.seq ?? 1) - 1);
}

async function* logItems(
  wanted: LogsQuery,
  sources: FeedSources,
  signal: AbortSignal,
): AsyncGenerator<FeedItem> {
  try {
    const opened = await sources.logs(wanted, signal);
    if (!opened.ok) {
      yield { kind: 'no-logs', failure: opened.error };
      return;
    }
    for await (const logs of batched(opened.value)) yield { kind: 'logs', logs };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    yield { kind: 'no-logs', failure: error.failures[0] };
  }
}

async function* once<T>(item: T): AsyncGenerator<T> {
  yield await Promise.resolve(item);
}

async function* each<T, R>(items: AsyncIterable<T>, map: (item: T) => R): AsyncGenerator<R> {
  for await (const item of items) yield map(item);
}
