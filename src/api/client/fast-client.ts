import { connect, type Socket } from 'node:net';
import { isPlainPath, replyReader, requestText, type RawQuestion, type RawReply } from './raw-reply.ts';

export interface RawRequest extends RawQuestion {
  /** Called at once with the connection; destroying it ends the request. */
  readonly onSocket?: (socket: Socket) => void;
}

/** @param timeoutMs the promise rejects after this long without progress */
export function rawGet(socketPath: string, path: string, timeoutMs = 10_000): Promise<RawReply> {
  return rawWithin(socketPath, { method: 'GET', path }, timeoutMs);
}

/** The same for any request. */
export function rawWithin(socketPath: string, question: RawQuestion, timeoutMs: number): Promise<RawReply> {
  return rawRequest(socketPath, {
    ...question,
    onSocket: (socket) =>
      socket.setTimeout(timeoutMs, () => socket.destroy(new Error('the daemon does not answer'))),
  });
}

/**
 * One request over a Unix socket without `node:http`, which costs a command 10 ms to load. It rejects on answers that are
 * not of our own server, and on every connection error, keeping its `code`.
 */
export function rawRequest(socketPath: string, request: RawRequest): Promise<RawReply> {
  if (!isPlainPath(request.path)) return Promise.reject(new Error('the path holds what a path cannot'));
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const reader = replyReader();
    const attempt = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        socket.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const finish = (): void => {
      socket.destroy();
      attempt(() => resolve(reader.reply()));
    };
    socket.on('error', (error) => {
      socket.destroy();
      reject(error);
    });
    socket.on('end', finish);
    socket.on('data', (chunk: Buffer) =>
      attempt(() => {
        if (reader.add(chunk)) finish();
      }),
    );
    request.onSocket?.(socket);
    socket.write(requestText(request));
  });
}
