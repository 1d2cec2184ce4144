import { connect, type Socket } from 'node:net';
import { DEADLINE_HEADER } from '../contract/deadline.ts';
import { API_VERSION, VERSION_HEADER } from '../contract/version.ts';

/** The answer to a raw request. */
export interface RawReply {
  readonly status: number;
  readonly body: string;
  /** The versions of the API that the daemon supports, as its header says; undefined: it does not say. */
  readonly served: string | undefined;
  /** The program that answers, as its header says; undefined: it does not say. */
  readonly program: string | undefined;
}

export interface RawRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** JSON text; left out: none. */
  readonly body?: string;
  /** Up to when it may be begun: see DEADLINE_HEADER. Left out: whenever. */
  readonly deadline?: string;
  /** Called at once with the connection; destroying it ends the request. */
  readonly onSocket?: (socket: Socket) => void;
}

/** The largest answer that is read: several times what ten thousand apps need. */
const MAX_REPLY_BYTES = 256 * 1024 * 1024;
const HEADER_END = '\r\n\r\n';

/** @param timeoutMs the promise rejects after this long without progress */
export function rawGet(socketPath: string, path: string, timeoutMs = 10_000): Promise<RawReply> {
  return rawRequest(socketPath, {
    method: 'GET',
    path,
    onSocket: (socket) =>
      socket.setTimeout(timeoutMs, () => socket.destroy(new Error('the daemon does not answer'))),
  });
}

/**
 * One request over a Unix socket without `node:http`, which costs a command 10 ms to load. It reads what our own
 * server sends (a Content-Length, no chunks). It rejects on anything else, and on every connection error, keeping its
 * `code`.
 */
export function rawRequest(socketPath: string, request: RawRequest): Promise<RawReply> {
  if (/[^!-~]/.test(request.path)) return Promise.reject(new Error('the path holds what a path cannot'));
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: ReplyHead | null = null;
    const finish = (): void => {
      socket.destroy();
      const all = Buffer.concat(chunks);
      if (head === null || all.length < head.end + head.length) {
        reject(new Error('the answer was cut off'));
      } else {
        const { status, served, program, end, length } = head;
        resolve({ status, served, program, body: all.toString('utf8', end, end + length) });
      }
    };
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.on('error', fail);
    socket.on('end', finish);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_REPLY_BYTES) {
        fail(new Error('the answer is too large'));
        return;
      }
      try {
        head ??= parseHead(Buffer.concat(chunks));
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if (head !== null && bytes >= head.end + head.length) finish();
    });
    request.onSocket?.(socket);
    socket.write(requestText(request));
  });
}

function requestText({ method, path, body, deadline }: RawRequest): string {
  const limit = deadline === undefined ? '' : `${DEADLINE_HEADER}: ${deadline}\r\n`;
  const content =
    body === undefined
      ? ''
      : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: stateward\r\n${VERSION_HEADER}: ${API_VERSION}\r\nconnection: close\r\n${limit}${content}\r\n${body ?? ''}`;
}

interface ReplyHead {
  readonly status: number;
  readonly served: string | undefined;
  readonly program: string | undefined;
  /** Where the body begins. */
  readonly end: number;
  /** Bytes of the body. */
  readonly length: number;
}

/** null: the headers are not all there yet. Throws on what cannot be read here. */
function parseHead(bytes: Buffer): ReplyHead | null {
  const end = bytes.indexOf(HEADER_END);
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
  if (status === undefined || length === undefined) throw new Error('the answer is of an unknown form');
  const served = /^stateward-api: *(\S+)\r?$/im.exec(head)?.[1];
  const program = /^stateward-build: *([^\r\n]+)/im.exec(head)?.[1];
  return { status: Number(status), served, program, end: end + HEADER_END.length, length: Number(length) };
}
