import { connect } from 'node:net';

/** What a raw request gave: the status and the text of the body. */
export interface RawReply {
  readonly status: number;
  readonly body: string;
}

/** Largest answer that is read: as much as ten thousand apps need, several times over. */
const MAX_REPLY_BYTES = 256 * 1024 * 1024;
const HEADER_END = '\r\n\r\n';

/**
 * One GET over a Unix socket without `node:http`, which costs a command 10 ms to load. Understands what our own server
 * sends (a Content-Length, no chunks) and rejects on everything else and on every error of the connection (its `code`
 * is kept), so that the caller can fall back to the full client.
 *
 * @param timeoutMs without any progress for so long, the promise rejects
 */
export function rawGet(socketPath: string, path: string, timeoutMs = 10_000): Promise<RawReply> {
  if (/[^!-~]/.test(path)) return Promise.reject(new Error('the path holds what a path cannot'));
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: { readonly status: number; readonly end: number; readonly length: number } | null = null;
    const finish = (): void => {
      socket.destroy();
      const all = Buffer.concat(chunks);
      if (head === null || all.length < head.end + head.length) {
        reject(new Error('the answer was cut off'));
      } else {
        resolve({ status: head.status, body: all.toString('utf8', head.end, head.end + head.length) });
      }
    };
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error('the daemon does not answer')));
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
    socket.write(`GET ${path} HTTP/1.1\r\nhost: stateward\r\nconnection: close\r\n\r\n`);
  });
}

/** null: the headers are not all there yet. `end` is where the body begins. Throws on what cannot be read here. */
function parseHead(
  bytes: Buffer,
): { readonly status: number; readonly end: number; readonly length: number } | null {
  const end = bytes.indexOf(HEADER_END);
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
  if (status === undefined || length === undefined) throw new Error('the answer is of an unknown form');
  return { status: Number(status), end: end + HEADER_END.length, length: Number(length) };
}
