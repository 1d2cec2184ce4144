import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { connectionFailure } from './connection-failure.ts';
import { rawRequest } from './fast-client.ts';
import { boundTime, type SocketTransportOptions } from './socket-bounds.ts';
import { checkSocketPath } from './socket-path.ts';
import type { ApiReply, ApiRequest, ApiTransport } from './transport.ts';

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
      const { openStream } = await import('./socket-stream.ts');
      return openStream(options, request);
    },
  };
}

async function exchange(
  options: SocketTransportOptions,
  { method, path, body }: ApiRequest,
): Promise<Result<ApiReply, Failure>> {
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
    const parsed: unknown = JSON.parse(reply.body);
    return ok({ status: reply.status, body: parsed });
  } catch (error) {
    return err(connectionFailure(error, options.socketPath));
  } finally {
    cancel();
  }
}
