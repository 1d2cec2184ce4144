import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer of the API, as whoever is no client of ours would read it. */
export interface SocketAnswer<T> {
  readonly status: number | undefined;
  readonly body: T;
}

export async function requestOver<T = unknown>(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<SocketAnswer<T>> {
  const response = await responseTo(socketPath, method, path, body);
  return { status: response.statusCode, body: JSON.parse(await text(response)) as T };
}

/** A stream of the API; it is left when this is disposed of. */
export async function streamOver(
  socketPath: string,
  path: string,
): Promise<AsyncDisposable & { readonly chunks: AsyncIterable<Buffer> }> {
  const response = await responseTo(socketPath, 'GET', path);
  return {
    chunks: response,
    [Symbol.asyncDispose]: () => {
      response.destroy();
      return Promise.resolve();
    },
  };
}

function responseTo(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? '' : JSON.stringify(body);
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) };
    const sent = request({ socketPath, method, path, headers, agent: false }, resolve);
    sent.on('error', reject);
    sent.end(bytes);
  });
}
