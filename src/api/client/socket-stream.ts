import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { connectionFailure } from './connection-failure.ts';
import { failureOf } from '../contract/failure-status.ts';
import { splitLines } from '../contract/lines.ts';
import { watchSilence } from './silence.ts';
import { boundTime, type SocketTransportOptions } from './socket-bounds.ts';
import { API_VERSION, compareWith, DAEMON_NEWER, OLDER_DAEMON, VERSION_HEADER } from '../contract/version.ts';
import type { StreamRequest } from '../contract/transport.ts';

/** Opens a streamed answer over the daemon's socket. In a module of its own, because `node:http` is slow to load. */
export async function openStream(
  options: SocketTransportOptions,
  { path, signal }: StreamRequest,
): Promise<Result<AsyncIterable<string>, Failure>> {
  const socket = connect(options.socketPath);
  // With a connection of our own, Node skips its agent and what that works out for TLS.
  const outgoing = httpRequest({
    path,
    headers: { [VERSION_HEADER]: String(API_VERSION) },
    createConnection: () => socket,
    signal,
  });
  const cancel = boundTime(socket, options);
  outgoing.end();
  try {
    const incoming = await headOf(outgoing);
    const served = incoming.headers[VERSION_HEADER];
    const compared = compareWith(typeof served === 'string' ? served : undefined);
    if (compared === 'daemon-newer') {
      incoming.destroy();
      return err(DAEMON_NEWER);
    }
    if (compared === 'daemon-older') options.onOlder?.(OLDER_DAEMON);
    const status = incoming.statusCode ?? 0;
    if (status !== 200) return err(failureOf(status, parseJson(await textOf(incoming))));
    watchSilence(socket, options, true);
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

function headOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    // Stays attached: an error after the answer has begun shows in the answer, and must not be thrown here.
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
