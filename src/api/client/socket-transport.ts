import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { connectionFailure, isNobodyThere } from './connection-failure.ts';
import { rawRequest } from './fast-client.ts';
import { boundTime, type SocketTransportOptions } from './socket-bounds.ts';
import { checkSocketPath } from '../server/socket-path.ts';
import type { ApiReply, ApiRequest, ApiTransport } from '../contract/transport.ts';

/** Requests over the daemon's Unix socket. */
export function socketTransport(options: SocketTransportOptions): ApiTransport {
  const tooLong = checkSocketPath(options.socketPath);
  return {
    async request(request) {
      if (tooLong !== null) return err(tooLong);
      return send(options, request, options.onAbsent);
    },
    async stream(request) {
      if (tooLong !== null) return err(tooLong);
      const { openStream } = await import('./socket-stream.ts');
      return openStream(options, request);
    },
  };
}

async function send(
  options: SocketTransportOptions,
  request: ApiRequest,
  onAbsent: SocketTransportOptions['onAbsent'],
): Promise<Result<ApiReply, Failure>> {
  try {
    return ok(await exchange(options, request));
  } catch (error) {
    if (onAbsent === undefined || !isNobodyThere(error)) {
      return err(connectionFailure(error, options.socketPath));
    }
  }
  const started = await onAbsent();
  return started.ok ? send(options, request, undefined) : started;
}

/** Throws on everything that is no answer. */
async function exchange(
  options: SocketTransportOptions,
  { method, path, body }: ApiRequest,
): Promise<ApiReply> {
  let cancel = (): void => undefined;
  try {
    const reply = await rawRequest(options.socketPath, {
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      onSocket: (socket) => {
        cancel = boundTime(socket, options);
      },
    });
    return { status: reply.status, body: JSON.parse(reply.body) };
  } finally {
    cancel();
  }
}
