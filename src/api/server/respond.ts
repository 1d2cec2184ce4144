import type { ServerResponse } from 'node:http';
import type { Clock } from '../../lib/clocks/clock.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { internalFailure } from './dispatch.ts';
import { errorBody } from '../contract/failure-status.ts';
import type { Reply } from './routes.ts';

/** What an answer needs beside itself. */
export interface RespondOptions {
  readonly clock: Clock;
  /** A stream says something at least this often, in milliseconds, so that a dead peer is noticed. */
  readonly heartbeatMs: number;
  /** A client that takes nothing for so long, in milliseconds, is dropped. */
  readonly stallMs: number;
  readonly onError: (error: unknown) => void;
  /** Whether the daemon is being stopped: clients that follow something are told, and need not reconnect. */
  readonly isStopping: () => boolean;
}

type StreamReply = Extract<Reply, { kind: 'events' | 'lines' }>;

const STOPPED: Failure = {
  code: 'DAEMON_STOPPED',
  message: 'the daemon was stopped; stateward daemon start starts it again',
};

/** Writes an answer, always with a Content-Length: the fast client cannot read any other. */
export function respondJson(response: ServerResponse, reply: Extract<Reply, { kind: 'json' }>): void {
  const { status, allow, body } = reply;
  if (allow !== undefined) response.setHeader('allow', allow);
  respondWhole(response, { status, type: 'application/json', body: `${JSON.stringify(body)}\n` });
}

export function respondText(
  response: ServerResponse,
  { type, body }: Extract<Reply, { kind: 'text' }>,
): void {
  respondWhole(response, { status: 200, type, body });
}

function respondWhole(
  response: ServerResponse,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: string },
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
  });
  response.end(bytes);
}

/**
 * Writes a stream at the pace of its reader: it asks for the next item when the last one has been taken, so that a client
 * costs no more than one item and the socket's own buffer. Resolves when the stream or the client has ended.
 */
export async function respondStream(
  response: ServerResponse,
  reply: StreamReply,
  options: RespondOptions,
): Promise<void> {
  const isEvents = reply.kind === 'events';
  response.writeHead(200, {
    'content-type': isEvents ? 'text/event-stream' : 'application/x-ndjson',
    'cache-control': 'no-store',
  });
  // The client learns at once that it is connected, however long the first item takes.
  response.flushHeaders();
  const stopHeartbeat = startHeartbeat(response, isEvents ? ': \n\n' : '\n', options);
  try {
    for await (const frame of frames(reply)) {
      if (response.destroyed) return;
      if (!response.write(frame) && !(await drained(response, options))) return;
    }
    if ((isEvents || reply.follows) && options.isStopping()) throw new FailureError(STOPPED);
  } catch (error) {
    if (!(error instanceof FailureError)) options.onError(error);
    const body = errorBody(error instanceof FailureError ? error.failures[0] : internalFailure());
    const text = JSON.stringify(body);
    if (!response.destroyed) response.write(isEvents ? `event: error\ndata: ${text}\n\n` : `${text}\n`);
  } finally {
    stopHeartbeat();
    response.end();
  }
}

async function* frames(reply: StreamReply): AsyncGenerator<string> {
  if (reply.kind === 'lines') {
    for await (const line of reply.lines) yield `${JSON.stringify(line)}\n`;
    return;
  }
  for await (const { id, data } of reply.events) {
    yield `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
  }
}

/** True when the client took what was written; false when it went away or was dropped. */
function drained(response: ServerResponse, { clock, stallMs }: RespondOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (taken: boolean) => (): void => {
      cancel();
      response.off('drain', onDrain);
      response.off('close', onClose);
      if (!taken) response.destroy();
      resolve(taken);
    };
    const onDrain = finish(true);
    const onClose = finish(false);
    const cancel = clock.after(stallMs, onClose);
    response.once('drain', onDrain);
    response.once('close', onClose);
    if (response.destroyed) onClose();
  });
}

function startHeartbeat(response: ServerResponse, frame: string, options: RespondOptions): () => void {
  let cancel = (): void => undefined;
  const arm = (): void => {
    cancel = options.clock.after(options.heartbeatMs, () => {
      // A client that does not read gets nothing more to read.
      if (!response.writableNeedDrain && !response.destroyed) response.write(frame);
      arm();
    });
  };
  arm();
  return () => cancel();
}
