import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { AppsQuery, EventsQuery, LogsQuery } from '../contract/backend.ts';
import { badRequest } from './request-checks.ts';

const MAX_SELECTORS = 1_000;
const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 50_000;
const DEFAULT_LINES = 15;
const MAX_LINES = 10_000;

/** `selector=S&selector=…&spec=none|redacted|full&detail=brief|full` */
export function parseAppsQuery(query: URLSearchParams): Result<AppsQuery, Failure> {
  const selectors = parseSelectors(query);
  if (!selectors.ok) return selectors;
  const spec = query.get('spec') ?? 'redacted';
  if (spec !== 'none' && spec !== 'redacted' && spec !== 'full') {
    return err(badRequest('spec must be one of none, redacted, full'));
  }
  const detail = query.get('detail');
  if (detail !== null && detail !== 'brief' && detail !== 'full') {
    return err(badRequest('detail must be one of brief, full'));
  }
  return ok({ selectors: selectors.value, spec, ...(detail === null ? {} : { detail }) });
}

/** `after=SEQ&limit=N&selector=S`; a `Last-Event-ID` (of a client that comes back) wins over `after`. */
export function parseEventsQuery(
  query: URLSearchParams,
  lastEventId: string | null,
): Result<EventsQuery, Failure> {
  const selectors = parseSelectors(query);
  if (!selectors.ok) return selectors;
  const after = parseWhole(lastEventId ?? query.get('after'), 'after', Number.MAX_SAFE_INTEGER);
  if (!after.ok) return after;
  const limit = parseWhole(query.get('limit'), 'limit', MAX_EVENTS);
  if (!limit.ok) return limit;
  return ok({
    selectors: selectors.value,
    limit: limit.value ?? DEFAULT_EVENTS,
    ...(after.value === null ? {} : { after: after.value }),
  });
}

/** `selector=S&lines=N&since=RFC3339&stream=out|err|all&follow=true&redacted=true&from=MARK&from=…` */
export function parseLogsQuery(query: URLSearchParams): Result<LogsQuery, Failure> {
  const selectors = parseSelectors(query);
  if (!selectors.ok) return selectors;
  const lines = parseWhole(query.get('lines'), 'lines', MAX_LINES);
  if (!lines.ok) return lines;
  const since = query.get('since');
  if (since !== null && Number.isNaN(Date.parse(since))) {
    return err(badRequest('since must be a time such as 2026-01-31T12:00:00Z'));
  }
  const stream = query.get('stream') ?? 'all';
  if (stream !== 'out' && stream !== 'err' && stream !== 'all') {
    return err(badRequest('stream must be one of out, err, all'));
  }
  return ok({
    selectors: selectors.value,
    // A time that was asked for is the bound then.
    lines: lines.value ?? (since === null ? DEFAULT_LINES : MAX_LINES),
    stream,
    follow: query.get('follow') === 'true',
    ...(query.get('redacted') === 'true' && { redacted: true }),
    ...(query.has('from') && { from: query.getAll('from') }),
    ...(since === null ? {} : { since }),
  });
}

/** A whole number in plain digits; null when it is not given. */
export function parseWhole(text: string | null, name: string, max: number): Result<number | null, Failure> {
  if (text === null) return ok(null);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return value <= max ? ok(value) : err(badRequest(`${name} must be a whole number from 0 to ${max}`));
}

function parseSelectors(query: URLSearchParams): Result<readonly string[], Failure> {
  const selectors = query.getAll('selector');
  return selectors.length <= MAX_SELECTORS
    ? ok(selectors)
    : err(badRequest(`at most ${MAX_SELECTORS} selectors are allowed`));
}
