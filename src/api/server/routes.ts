import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { ApiBackend } from '../contract/backend.ts';
import { errorBody, statusOf } from '../contract/failure-status.ts';
import { parseAppsQuery, parseEventsQuery, parseLogsQuery, parseWhole } from './query-checks.ts';
import {
  badRequest,
  checkApplyRequest,
  checkMessageRequest,
  checkStopRequest,
  checkVerbRequest,
} from './request-checks.ts';

/** One server-sent event: `id` lets a client come back where it was. */
export interface ServerSentEvent {
  readonly id?: string;
  readonly data: unknown;
}

/** What a route answers with. A stream's items come one by one, at the pace of the client. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly allow?: string }
  | { readonly kind: 'events'; readonly events: AsyncIterable<ServerSentEvent> }
  /** `follows`: it goes on until somebody ends it. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<unknown>; readonly follows: boolean };

/** A request as a route sees it, whatever it came over. */
export interface RouteRequest {
  readonly backend: ApiBackend;
  /** Values of the `:name` parts of the path, in their order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly lastEventId: string | null;
  /** Fires when nobody reads the answer any more. */
  readonly signal: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Parts that begin with a colon take any one part. */
  readonly path: string;
  handle(request: RouteRequest): Promise<Reply>;
}

/** The one table: the server and the one-shot program answer these and nothing else. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/v1/status', handle: async ({ backend }) => jsonReply(await backend.status()) },
  { method: 'GET', path: '/v1/apps', handle: handleApps },
  {
    method: 'GET',
    path: '/v1/apps/:project/:name/why',
    handle: async ({ backend, params: [project = '', name = ''] }) =>
      jsonReply(await backend.why(project, name)),
  },
  {
    method: 'POST',
    path: '/v1/plan',
    handle: ({ backend, body }) => answer(checkApplyRequest(body), (request) => backend.plan(request)),
  },
  {
    method: 'POST',
    path: '/v1/apply',
    handle: ({ backend, body }) => answer(checkApplyRequest(body), (request) => backend.apply(request)),
  },
  {
    method: 'POST',
    path: '/v1/verbs',
    handle: ({ backend, body }) => answer(checkVerbRequest(body), (request) => backend.verb(request)),
  },
  {
    method: 'POST',
    path: '/v1/messages',
    handle: ({ backend, body }) => answer(checkMessageRequest(body), (request) => backend.message(request)),
  },
  {
    method: 'GET',
    path: '/v1/revisions',
    handle: async ({ backend }) => jsonReply(await backend.revisions(null)),
  },
  {
    method: 'GET',
    path: '/v1/projects/:project/revisions',
    handle: async ({ backend, params: [project = ''] }) => jsonReply(await backend.revisions(project)),
  },
  { method: 'GET', path: '/v1/projects/:project/revisions/:revision', handle: handleRevision },
  { method: 'GET', path: '/v1/events', handle: handleEvents },
  { method: 'GET', path: '/v1/logs', handle: handleLogs },
  {
    method: 'POST',
    path: '/v1/daemon/stop',
    handle: ({ backend, body }) =>
      answer(checkStopRequest(body), async (request) => {
        const stopped = await backend.stopDaemon(request);
        return stopped.ok ? ok({}) : stopped;
      }),
  },
];

async function handleApps({ backend, query, signal }: RouteRequest): Promise<Reply> {
  const parsed = parseAppsQuery(query);
  if (!parsed.ok) return failureReply(parsed.error);
  if (query.get('watch') !== 'true') return jsonReply(await backend.apps(parsed.value));
  const lists = await backend.watchApps(parsed.value, signal);
  if (!lists.ok) return failureReply(lists.error);
  return { kind: 'events', events: serverSent(lists.value, (data) => ({ data })) };
}

async function handleEvents({ backend, query, lastEventId, signal }: RouteRequest): Promise<Reply> {
  const follow = query.get('follow') === 'true';
  const parsed = parseEventsQuery(query, follow ? lastEventId : null);
  if (!parsed.ok) return failureReply(parsed.error);
  if (!follow) return jsonReply(await backend.events(parsed.value));
  const events = await backend.followEvents(parsed.value, signal);
  if (!events.ok) return failureReply(events.error);
  return { kind: 'events', events: serverSent(events.value, (data) => ({ id: String(data.seq), data })) };
}

async function handleLogs({ backend, query, signal }: RouteRequest): Promise<Reply> {
  const parsed = parseLogsQuery(query);
  if (!parsed.ok) return failureReply(parsed.error);
  const lines = await backend.logs(parsed.value, signal);
  return lines.ok
    ? { kind: 'lines', lines: lines.value, follows: parsed.value.follow }
    : failureReply(lines.error);
}

async function handleRevision({
  backend,
  params: [project = '', number = ''],
}: RouteRequest): Promise<Reply> {
  const revision = parseWhole(number, 'revision', Number.MAX_SAFE_INTEGER);
  if (!revision.ok || revision.value === null)
    return failureReply(badRequest('the revision must be a number'));
  return jsonReply(await backend.revision(project, revision.value));
}

async function answer<T, R>(
  checked: Result<T, Failure>,
  handle: (request: T) => Promise<Result<R, Failure>>,
): Promise<Reply> {
  return checked.ok ? jsonReply(await handle(checked.value)) : failureReply(checked.error);
}

function jsonReply(result: Result<unknown, Failure>): Reply {
  return result.ok ? { kind: 'json', status: 200, body: result.value } : failureReply(result.error);
}

/** A failure as every route answers it. */
export function failureReply(failure: Failure): Extract<Reply, { kind: 'json' }> {
  return { kind: 'json', status: statusOf(failure.code), body: errorBody(failure) };
}

async function* serverSent<T>(
  items: AsyncIterable<T>,
  toEvent: (item: T) => ServerSentEvent,
): AsyncGenerator<ServerSentEvent> {
  for await (const item of items) yield toEvent(item);
}
