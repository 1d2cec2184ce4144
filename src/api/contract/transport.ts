import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';

/** One request, whatever carries it. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** undefined: none. */
  readonly body?: unknown;
  /** It changes something, and must not be begun when it has failed. Absent: it only reads. */
  readonly acts?: boolean;
}

/** A whole answer: its HTTP status and its JSON. */
export interface ApiReply {
  readonly status: number;
  readonly body: unknown;
  /** The daemon that answered is older than this program. */
  readonly isOlder?: boolean;
}

export interface StreamRequest {
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Carries requests to a daemon. Failures here are about the way (DAEMON_UNREACHABLE, DAEMON_NEWER); answers of 400 and up are replies. */
export interface ApiTransport {
  request(request: ApiRequest): Promise<Result<ApiReply, Failure>>;
  /**
   * The lines of a streamed answer, or the failure that was answered instead. The iteration ends when the daemon ends
   * the stream or the signal fires, and throws FailureError when the connection breaks.
   */
  stream(request: StreamRequest): Promise<Result<AsyncIterable<string>, Failure>>;
}
