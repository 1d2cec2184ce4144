import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { systemClock, type Clock } from '../../lib/clocks/clock.ts';
import { keepSocket } from '../../lib/sockets/keep-socket.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { BUILD, VERSION } from '../../lib/programs/build.ts';
import type { ApiBackend } from '../contract/endpoints/backend.ts';
import { boundConnections } from './bound-connections.ts';
import { answerFrom, headerOf } from './answer.ts';
import { errorBody } from '../contract/failure-status.ts';
import { failureReply } from './routes.ts';
import {
  DAEMON_NEWER,
  isServed,
  SERVED,
  BUILD_HEADER,
  servedText,
  VERSION_HEADER,
  type ServedVersions,
} from '../contract/version.ts';
import { listenInPlace, listenOnSocket } from './listen.ts';
import { readBody } from './read-body.ts';
import { badRequest } from '../contract/endpoints/checked.ts';
import { respondJson, type RespondOptions } from './respond.ts';

/** Limits that keep one client from harming the daemon or the other clients. Times are milliseconds. */
export interface ApiLimits {
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  /** How long a client may take to send its headers, and its whole request. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  readonly heartbeatMs: number;
  readonly stallMs: number;
}

const DEFAULT_LIMITS: ApiLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  // A client that reconnects to the logs of all apps names its place in each file.
  maxHeaderBytes: 64 * 1024,
  maxConnections: 64,
  headersMs: 5_000,
  requestMs: 30_000,
  idleMs: 5_000,
  heartbeatMs: 15_000,
  stallMs: 30_000,
};

/** How long unfinished answers may take to end when the server closes. */
const CLOSE_GRACE_MS = 1_000;

export interface ApiServerOptions {
  /** At most 107 bytes; made with mode 0600. */
  readonly socketPath: string;
  readonly backend: ApiBackend;
  readonly clock?: Clock;
  readonly limits?: Partial<ApiLimits>;
  /** The versions of the API that this server supports; null: it does not say, like daemons from before versions. */
  readonly serves?: ServedVersions | null;
  /** Told of bugs; clients see INTERNAL only. */
  readonly onError?: (error: unknown) => void;
}

export interface ApiServer extends AsyncDisposable {
  readonly socketPath: string;
  /** Ends streams, lets short answers end, and removes the socket. */
  close(): Promise<void>;
}

/**
 * Serves the route table on a Unix socket. Fails with HOME_PATH_TOO_LONG, PERMISSION, CONFLICT (another daemon answers
 * there) or DAEMON_START_FAILED.
 */
export async function createApiServer(options: ApiServerOptions): Promise<Result<ApiServer, Failure>> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const clock = options.clock ?? systemClock;
  const onError = options.onError ?? (() => undefined);
  const open = new Set<AbortController>();
  const end = new AbortController();
  const context: RequestContext = {
    backend: options.backend,
    maxBodyBytes: limits.maxBodyBytes,
    serves: options.serves === undefined ? SERVED : options.serves,
    respond: {
      clock,
      heartbeatMs: limits.heartbeatMs,
      stallMs: limits.stallMs,
      onError,
      isStopping: () => end.signal.aborted,
    },
    open,
  };
  const server = createBoundedServer(limits);
  server.on('request', (request, response) => {
    handle(context, request, response).catch((error: unknown) => {
      onError(error);
      response.destroy();
    });
  });
  server.on('clientError', refuseFrame);
  const listening = await listenOnSocket(server, options.socketPath);
  if (!listening.ok) return listening;
  // Errors while accepting (out of file descriptors) are temporary; they must not end the daemon.
  server.on('error', onError);
  const release = keepSocket({
    server,
    path: options.socketPath,
    listen: () => listenInPlace(server, options.socketPath),
    log: onError,
  });
  const closeServer = closeOnce(server, { open, end, clock });
  const close = (): Promise<void> => {
    release();
    return closeServer();
  };
  return ok({ socketPath: options.socketPath, close, [Symbol.asyncDispose]: close });
}

interface RequestContext {
  readonly backend: ApiBackend;
  readonly maxBodyBytes: number;
  readonly serves: ServedVersions | null;
  readonly respond: RespondOptions;
  /** One for every unfinished answer; aborted when nobody reads it any more, or when the server closes. */
  readonly open: Set<AbortController>;
}

function createBoundedServer(limits: ApiLimits): Server {
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.ceil(limits.headersMs / 2),
  });
  boundConnections(server, limits.maxConnections);
  return server;
}

async function handle(
  { backend, maxBodyBytes, serves, respond, open }: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A client may leave in the middle of an answer.
  response.on('error', () => undefined);
  const gone = new AbortController();
  open.add(gone);
  response.once('close', () => {
    open.delete(gone);
    gone.abort();
  });
  if (serves !== null) {
    response.setHeader(VERSION_HEADER, servedText(serves));
    response.setHeader(BUILD_HEADER, `${VERSION} ${BUILD}`);
  }
  const outcome = await readBody(request, maxBodyBytes);
  if (outcome.kind === 'gone') return;
  if (outcome.kind === 'refused') {
    // The rest of the body stays unread, so the connection cannot be used again.
    response.setHeader('connection', 'close');
    respondJson(response, {
      kind: 'json',
      status: outcome.status,
      body: errorBody(badRequest(outcome.problem)),
    });
    return;
  }
  const version = headerOf(request, VERSION_HEADER);
  if (serves !== null && !isServed(version, serves)) {
    respondJson(response, failureReply(DAEMON_NEWER));
    return;
  }
  const { body } = outcome;
  await answerFrom(
    backend,
    { request, target: request.url ?? '', body, signal: gone.signal },
    response,
    respond,
  );
}

/** Answers a request that is not HTTP, too large or too slow, and closes the connection. */
function refuseFrame(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const reason = STATUS_CODES[status] ?? '';
  const body = `${JSON.stringify(errorBody(badRequest(reason.toLowerCase())))}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

interface Closing {
  readonly open: ReadonlySet<AbortController>;
  readonly end: AbortController;
  readonly clock: Clock;
}

function closeOnce(server: Server, { open, end, clock }: Closing): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    closed ??= new Promise((resolve) => {
      const cancel = clock.after(CLOSE_GRACE_MS, () => server.closeAllConnections());
      server.close(() => {
        cancel();
        resolve();
      });
      server.closeIdleConnections();
      end.abort();
      for (const answer of open) answer.abort();
    });
    return closed;
  };
}
