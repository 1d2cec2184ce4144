import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { readTaggedLine, type TaggedLine } from '../../lib/lines/tagged-line.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode } from '../../lib/system-error.ts';
import { isAnswered } from './leftover-apps.ts';

const NEWLINE = 10;
/** The runner closes its end when the last app has ended; what it has written by then is here soon. */
const CLOSE_LIMIT_MS = 5_000;

export interface LineListenerOptions {
  readonly path: string;
  readonly onLine: (line: TaggedLine) => void;
  /** Calls `work`, which hands over lines that come together. */
  readonly together: (work: () => void) => void;
  /** What the runner itself says between the lines: how many are missing. */
  readonly onRemark: (text: string) => void;
  /** Whether lines can be shown at the moment; if not, `flow` is called when they can. */
  readonly isFull: () => boolean;
}

/** The lines of all apps of a home, in the order in which their runner has read them. */
export interface LineListener {
  /** Lines can be shown again. */
  flow(): void;
  /** Takes all that is still on its way, and no more. */
  close(): Promise<void>;
}

/**
 * Listens for the runner, which comes by itself as soon as an app writes, and comes again after it was replaced. Fails
 * with EADDRINUSE when another process listens there.
 */
export async function listenForLines(
  options: LineListenerOptions,
): Promise<Result<LineListener, NodeJS.ErrnoException>> {
  const sockets = new Set<Socket>();
  let isClosing = false;
  let onEmpty: () => void = () => undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    readLines(socket, options, () => isClosing);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onEmpty();
    });
  });
  const listening = await listenAlone(server, options.path);
  if (!listening.ok) return listening;
  return ok({
    flow() {
      for (const socket of sockets) socket.resume();
    },
    async close() {
      isClosing = true;
      const closed = new Promise<void>((resolve) => (onEmpty = resolve));
      // From now on nobody is kept waiting: what is there is all that there will be.
      for (const socket of sockets) socket.resume();
      if (sockets.size > 0) await Promise.race([closed, after(CLOSE_LIMIT_MS)]);
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function readLines(socket: Socket, options: LineListenerOptions, isClosing: () => boolean): void {
  let parts: Buffer[] = [];
  const take = (line: Buffer): void => {
    const tagged = readTaggedLine(line);
    if (tagged === null) options.onRemark(line.toString('utf8'));
    else options.onLine(tagged);
  };
  const takeChunk = (chunk: Buffer): void => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end);
      take(parts.length === 0 ? piece : Buffer.concat([...parts, piece]));
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  };
  socket.on('data', (chunk: Buffer) => {
    options.together(() => takeChunk(chunk));
    if (!isClosing() && options.isFull()) socket.pause();
  });
  // A runner that was killed in the midst of a line has not said where it is from, or not all of it.
  socket.on('error', () => socket.destroy());
}

/** A socket that an earlier process has left is replaced; one that somebody listens on is theirs. */
async function listenAlone(server: Server, path: string): Promise<Result<void, NodeJS.ErrnoException>> {
  const first = await listen(server, path);
  if (first.ok || errorCode(first.error) !== 'EADDRINUSE' || (await isAnswered(path))) return first;
  rmSync(path, { force: true });
  return listen(server, path);
}

function listen(server: Server, path: string): Promise<Result<void, NodeJS.ErrnoException>> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(err(error));
    server.once('error', failed);
    // For this user alone from its first moment on.
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.removeListener('error', failed);
        resolve(ok(undefined));
      });
    } finally {
      process.umask(umask);
    }
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
