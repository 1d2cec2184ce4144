import type { Failure } from '../../lib/failure.ts';
import {
  callNames,
  callTable,
  streamNames,
  streamTable,
  type ApiBackend,
  type ApiCalls,
  type ApiStreams,
  type CallName,
  type StillWanted,
  type StreamName,
} from '../contract/endpoints/backend.ts';
import { acceptedFormat, MEDIA_TYPES, metricsText } from '../contract/metrics/metrics-text.ts';
import type { SentRequest } from '../contract/endpoints/endpoint.ts';
import { errorBody, statusOf } from '../contract/failure-status.ts';

/** One server-sent event: `id` lets a client come back where it was. */
export interface ServerSentEvent {
  readonly id?: string;
  readonly data: unknown;
}

/** What a route answers. The items of a stream come one by one, at the pace of the client. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly allow?: string }
  | { readonly kind: 'text'; readonly type: string; readonly body: string }
  | { readonly kind: 'events'; readonly events: AsyncIterable<ServerSentEvent> }
  /** `follows`: it goes on until somebody ends it. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<unknown>; readonly follows: boolean };

/** Whoever has sent a request. */
export interface Asker {
  /** Fires when nobody reads the answer any more. */
  readonly signal: AbortSignal;
  readonly wanted: StillWanted;
}

/** An endpoint that can take a request. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  handle(backend: ApiBackend, sent: SentRequest, asker: Asker): Promise<Reply>;
}

/** The server and the one-shot program answer these and nothing else. When two match, the first one answers. */
export const ROUTES: readonly Route[] = [
  ...streamNames.map(streamRoute),
  ...callNames.map(callRoute),
  // For Prometheus and those who read the same.
  { method: 'GET', path: '/metrics', handle: metricsPage },
];

async function metricsPage({ metrics }: ApiBackend, { accept }: SentRequest): Promise<Reply> {
  const answer = await metrics();
  if (!answer.ok) return failureReply(answer.error);
  const format = acceptedFormat(accept);
  return { kind: 'text', type: MEDIA_TYPES[format], body: metricsText(answer.value.families, format) };
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- K ties what is read to what answers it
function callRoute<K extends CallName>(name: K): Route {
  const endpoint = callTable[name];
  return {
    method: endpoint.method,
    path: endpoint.path,
    async handle(calls: ApiCalls, sent, { wanted }) {
      const request = endpoint.read(sent);
      if (!request.ok) return failureReply(request.error);
      const givenUp = endpoint.acts === true ? await wanted() : null;
      if (givenUp !== null) return failureReply(givenUp);
      const answer = await calls[name](request.value, wanted);
      return answer.ok ? { kind: 'json', status: 200, body: answer.value } : failureReply(answer.error);
    },
  };
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- K ties what is read to what answers it
function streamRoute<K extends StreamName>(name: K): Route {
  const endpoint = streamTable[name];
  return {
    method: endpoint.method,
    path: endpoint.path,
    async handle(streams: ApiStreams, sent, { signal }) {
      const request = endpoint.read(sent);
      if (!request.ok) return failureReply(request.error);
      const items = await streams[name](request.value, signal);
      if (!items.ok) return failureReply(items.error);
      return endpoint.framing === 'events'
        ? { kind: 'events', events: serverSent(items.value, endpoint.idOf) }
        : { kind: 'lines', lines: items.value, follows: endpoint.goesOn(request.value) };
    },
  };
}

/** A failure as every route answers it. */
export function failureReply(failure: Failure): Extract<Reply, { kind: 'json' }> {
  return { kind: 'json', status: statusOf(failure.code), body: errorBody(failure) };
}

async function* serverSent<T>(
  items: AsyncIterable<T>,
  idOf: ((item: T) => string | undefined) | undefined,
): AsyncGenerator<ServerSentEvent> {
  for await (const data of items) {
    const id = idOf?.(data);
    yield id === undefined ? { data } : { id, data };
  }
}
