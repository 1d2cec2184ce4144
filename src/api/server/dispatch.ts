import type { ApiBackend, StillWanted } from '../contract/endpoints/backend.ts';
import { NO_SUCH_PATH } from '../contract/failure-status.ts';
import { badRequest } from '../contract/endpoints/checked.ts';
import { matchPath } from '../contract/endpoints/endpoint.ts';
import { parseTarget } from '../contract/endpoints/target.ts';
import { failureReply, ROUTES, type Reply } from './routes.ts';

/** A request that no route has been found for yet. */
export interface DispatchRequest {
  readonly method: string;
  /** Path and query: `/v1/apps?selector=api`. */
  readonly target: string;
  readonly body: unknown;
  readonly lastEventId: string | null;
  readonly accept?: string | undefined;
  readonly signal: AbortSignal;
  /** Whether somebody still waits for the answer. */
  readonly wanted: StillWanted;
}

/**
 * Finds the route of a request and lets it answer: 404 for an unknown path, 405 for a known path with another method.
 * When the backend throws, the client gets INTERNAL without details, and `onError` gets the error.
 */
export async function dispatch(
  backend: ApiBackend,
  request: DispatchRequest,
  onError: (error: unknown) => void,
): Promise<Reply> {
  const target = parseTarget(request.target);
  if (target === null) return failureReply(badRequest('the path cannot be read'));
  const matches = ROUTES.flatMap((route) => {
    const params = matchPath(route.path, target.parts, target.query);
    return params === null ? [] : [{ route, params }];
  });
  if (matches.length === 0) {
    return failureReply(NO_SUCH_PATH);
  }
  const match = matches.find(({ route }) => route.method === request.method);
  if (match === undefined) {
    const reply = failureReply(badRequest('the path takes another method'));
    return {
      ...reply,
      status: 405,
      allow: [...new Set(matches.map(({ route }) => route.method))].join(', '),
    };
  }
  try {
    const { body, lastEventId, accept, signal, wanted } = request;
    const sent = { params: match.params, query: target.query, body, lastEventId, accept };
    return await match.route.handle(backend, sent, { signal, wanted });
  } catch (error) {
    onError(error);
    return failureReply(internalFailure());
  }
}

/** What a client is told about a bug. */
export function internalFailure(): {
  readonly code: 'INTERNAL';
  readonly message: string;
  readonly hint: string;
} {
  return {
    code: 'INTERNAL',
    message: 'the daemon met an internal error',
    hint: 'daemon.log in the home folder says more; please report it',
  };
}
