import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Clock } from '../lib/clock.ts';
import { FailureError, type Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { failureOf } from './failure-status.ts';
import { splitLines } from './lines.ts';
import { checkSocketPath } from './socket-path.ts';
import type { ApiReply, ApiRequest, ApiTransport, StreamRequest } from './transport.ts';

export interface SocketTransportOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** Milliseconds to get a connection. */
  readonly connectMs: number;
  /** Milliseconds to get a whole answer, or the head of a stream. */
  readonly answerMs: number;
}

/** Requests over the daemon's Unix socket. */
export function socketTransport(options: SocketTransportOptions): ApiTransport {
  const tooLong = checkSocketPath(options.socketPath);
  return {
    async request(request) {
      if (tooLong !== null) return err(tooLong);
      return exchange(options, request);
    },
    async stream(request) {
      if (tooLong !== null) return err(tooLong);
      return openStream(options, request);
    },
  };
}

async function exchange(
  options: SocketTransportOptions,
  request: ApiRequest,
): Promise<Result<ApiReply, Failure>> {
  const body = request.body === undefined ? null : Buffer.from(JSON.stringify(request.body));
  const outgoing = httpRequest({
    socketPath: options.socketPath,
    method: request.method,
    path: request.path,
    agent: false,
    headers: body === null ? {} : { 'content-type': 'application/json', 'content-length': body.length },
  });
  const cancel = boundTime(outgoing, options);
  outgoing.end(body ?? undefined);
  try {
    const incoming = await headOf(outgoing);
    const text = await textOf(incoming);
    const parsed: unknown = JSON.parse(text);
    return ok({ status: incoming.statusCode ?? 0, body: parsed });
  } catch (error) {
    return err(connectionFailure(error, options.socketPath));
  } finally {
    cancel();
  }
}

async function openStream(
  options: SocketTransportOptions,
  { path, signal }: StreamRequest,
): Promise<Result<AsyncIterable<string>, Failure>> {
  const outgoing = httpRequest({
    socketPath: options.socketPath,
    path,
    agent: false,
    signal,
  });
  const cancel = boundTime(outgoing, options);
  outgoing.end();
  try {
    const incoming = await headOf(outgoing);
    const status = incoming.statusCode ?? 0;
    if (status !== 200) return err(failureOf(status, parseJson(await textOf(incoming))));
    return ok(streamLines(incoming, signal, options.socketPath));
  } catch (error) {
    if (signal.aborted) return ok(noLines());
    return err(connectionFailure(error, options.socketPath));
  } finally {
    cancel();
  }
}

async function* streamLines(
  incoming: IncomingMessage,
  signal: AbortSignal,
  socketPath: string,
): AsyncGenerator<string> {
  try {
    yield* splitLines(incoming);
  } catch (error) {
    if (!signal.aborted) throw new FailureError(connectionFailure(error, socketPath));
  } finally {
    incoming.destroy();
  }
}

async function* noLines(): AsyncGenerator<string> {
  // The reader left before the stream began.
}

/** Ends a request whose connection or answer takes too long. Returns what lifts the bound. */
function boundTime(outgoing: ClientRequest, options: SocketTransportOptions): () => void {
  const giveUp = (): void => {
    outgoing.destroy(new Error('it does not answer'));
  };
  const cancelConnect = options.clock.after(options.connectMs, giveUp);
  const cancelAnswer = options.clock.after(options.answerMs, giveUp);
  outgoing.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', cancelConnect);
    else cancelConnect();
  });
  return () => {
    cancelConnect();
    cancelAnswer();
  };
}

function headOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    // Stays: an error after the answer has begun is told by the answer, and must not be thrown here.
    outgoing.on('error', reject);
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function connectionFailure(error: unknown, socketPath: string): Failure {
  if (error instanceof SyntaxError) return failureOf(0, undefined);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = error instanceof Error ? error.message : String(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      code: 'PERMISSION',
      message: `cannot reach the daemon: ${socketPath} belongs to another user`,
      hint: 'run the command as the user of the daemon, or set STATEWARD_HOME to a home of your own',
    };
  }
  const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED';
  return {
    code: 'DAEMON_UNREACHABLE',
    message: isAbsent
      ? `cannot reach the daemon: none runs at ${socketPath}`
      : `cannot reach the daemon at ${socketPath}: ${why}`,
    hint: isAbsent
      ? 'start it with: stateward daemon start'
      : 'see stateward daemon status and daemon.log; start it with: stateward daemon start',
  };
}
