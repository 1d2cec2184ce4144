import { connect, type Socket } from 'node:net';
import { errorCode } from '../../lib/system-error.ts';
import { FailureError } from '../../lib/failure.ts';

const HEAD = /^stateward-terminal (\d+)\n/;
const VERSION = '1';
const HEAD_BYTES = 64;

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** The terminal of an app, as who attaches to it has it. It is asked directly: no daemon is needed for that. */
export interface TerminalLink {
  /** What was shown last and is shown from now on, until the terminal is gone. */
  readonly shown: AsyncIterable<Buffer>;
  /** Resolves when there is room for more. */
  type(bytes: Buffer): Promise<void>;
  resize(size: Size): void;
  /** No more is typed. What was typed still gets there, and then `shown` ends. */
  finish(): void;
  close(): void;
}

/** Connects to the socket of the terminal of `app`. Throws why that is not possible. */
export async function openTerminalLink(path: string, app: string): Promise<TerminalLink> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => reject(new FailureError(noTerminal(app, errorCode(error)))));
  });
  // Its end is the end of what is shown.
  socket.on('error', () => socket.destroy());
  return {
    shown: withoutHead(socket, app),
    type: (bytes) => send(socket, 'i', bytes),
    resize: ({ rows, columns }) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt16BE(rows, 0);
      bytes.writeUInt16BE(columns, 2);
      void send(socket, 'w', bytes);
    },
    finish: () => socket.end(),
    close: () => socket.destroy(),
  };
}

function noTerminal(app: string, code: string | undefined) {
  return {
    code: code === 'EACCES' || code === 'EPERM' ? 'PERMISSION' : 'APP_FAILED',
    message: `cannot attach to the terminal of ${app}: ${code === 'ECONNREFUSED' ? 'whoever held it is gone' : (code ?? 'no answer')}`,
    hint: `stateward restart ${app} gives it another one`,
  } as const;
}

/** A frame: a letter, a length, and so many bytes. */
async function send(socket: Socket, kind: 'i' | 'w', bytes: Buffer): Promise<void> {
  // The other end takes frames of at most this much.
  const FRAME_BYTES = 32 * 1024;
  for (let start = 0; start < bytes.length; start += FRAME_BYTES) {
    const piece = bytes.subarray(start, start + FRAME_BYTES);
    const head = Buffer.alloc(5);
    head.write(kind, 0, 'latin1');
    head.writeUInt32BE(piece.length, 1);
    if (socket.write(Buffer.concat([head, piece])) || socket.destroyed) continue;
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve);
      socket.once('close', () => resolve());
    });
  }
}

async function* withoutHead(socket: Socket, app: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const [line, version] = HEAD.exec(head.toString('latin1', 0, HEAD_BYTES)) ?? [];
    if (line === undefined) {
      if (head.length < HEAD_BYTES && !head.includes('\n')) continue;
      throw new FailureError({
        code: 'APP_FAILED',
        message: `what holds the terminal of ${app} is no part of stateward`,
      });
    }
    if (version !== VERSION) {
      throw new FailureError({
        code: 'APP_FAILED',
        message: `the terminal of ${app} is held by a newer stateward`,
        hint: 'attach with the stateward that has started the app',
      });
    }
    const rest = head.subarray(line.length);
    head = null;
    if (rest.length > 0) yield rest;
  }
}
