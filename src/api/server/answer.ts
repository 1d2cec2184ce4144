import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiBackend } from '../contract/endpoints/backend.ts';
import { dispatch } from './dispatch.ts';
import { respondJson, respondStream, respondText, type RespondOptions } from './respond.ts';
import { stillWanted } from './still-wanted.ts';

/** A request that was read whole. */
export interface ReadRequest {
  readonly request: IncomingMessage;
  /** Path and query. */
  readonly target: string;
  readonly body: unknown;
  /** Fires when nobody reads the answer any more. */
  readonly signal: AbortSignal;
}

/** Finds what answers a request, and writes the answer. */
export async function answerFrom(
  backend: ApiBackend,
  { request, target, body, signal }: ReadRequest,
  response: ServerResponse,
  respond: RespondOptions,
): Promise<void> {
  const lastEventId = headerOf(request, 'last-event-id') ?? '';
  const reply = await dispatch(
    backend,
    {
      method: request.method ?? '',
      ...{ target, body, signal },
      lastEventId: lastEventId === '' ? null : lastEventId,
      accept: headerOf(request, 'accept'),
      wanted: stillWanted(request, respond.onError),
    },
    respond.onError,
  );
  if (reply.kind === 'json') respondJson(response, reply);
  else if (reply.kind === 'text') respondText(response, reply);
  else await respondStream(response, reply, respond);
}

export function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
