import type { Socket } from 'node:net';
import type { SocketHandle } from '../sockets/bind-socket.ts';

/**
 * All that is internal to Node about a Unix socket that carries sockets of others. A connection that Node has accepted
 * cannot; its descriptor can be opened once more, as a pipe of the kind that Node's own channels are.
 */
export interface HandlePipe {
  /** Called with what has come, and with nothing at the end. */
  onread: (bytes?: ArrayBuffer) => void;
  /** The socket that came with the bytes. */
  pendingHandle?: SocketHandle | null;
  /** Bytes that the system has not taken yet. */
  readonly writeQueueSize: number;
  open(fd: number): number;
  readStart(): number;
  /** Gives 0, or the error as libuv numbers it. */
  writeUtf8String(request: WriteRequest, text: string, handle?: SocketHandle): number;
  close(callback?: () => void): void;
}

export interface WriteRequest {
  oncomplete: (status: number) => void;
}

interface Internals {
  readonly Pipe: new (kind: number) => HandlePipe;
  readonly WriteWrap: new () => WriteRequest;
}

/** Of libuv's pipes the one that carries handles. */
const IPC = 2;

let known: Internals | null | undefined;

/** Whether this Node is built as it is taken to be here. */
export function carriesHandles(): boolean {
  return internals() !== null;
}

/**
 * Opens an accepted connection once more. Nothing else may read it from now on, and it is never closed: its descriptor
 * belongs to what is given. Null: this cannot be done, and nothing has changed.
 */
export function handlePipe(socket: Socket): HandlePipe | null {
  const found = internals();
  const handle: unknown = Reflect.get(socket, '_handle');
  if (found === null || !isStreamHandle(handle)) return null;
  const pipe = new found.Pipe(IPC);
  socket.pause();
  handle.reading = false;
  handle.readStop();
  if (pipe.open(handle.fd) === 0) return pipe;
  pipe.close();
  return null;
}

/**
 * Opens a channel that another runner has handed over as one that carries sockets. Nothing else may read `handle`, and
 * it is never closed: its descriptor belongs to what is given. Null: this cannot be done.
 */
export function channelPipe(handle: unknown): HandlePipe | null {
  const found = internals();
  if (found === null || !isStreamHandle(handle)) return null;
  const pipe = new found.Pipe(IPC);
  if (pipe.open(handle.fd) === 0) return Object.assign(pipe, { origin: handle });
  pipe.close();
  return null;
}

/** A request for one write; there is one only where `carriesHandles`. */
export function writeRequest(oncomplete: WriteRequest['oncomplete']): WriteRequest {
  const found = internals();
  if (found === null) throw new Error('this Node has no write requests');
  return Object.assign(new found.WriteWrap(), { oncomplete });
}

function internals(): Internals | null {
  if (known === undefined) known = findInternals();
  return known;
}

function findInternals(): Internals | null {
  try {
    const binding = Reflect.get(process, 'binding') as (name: string) => object;
    const Pipe = Reflect.get(binding('pipe_wrap'), 'Pipe') as Internals['Pipe'];
    const WriteWrap = Reflect.get(binding('stream_wrap'), 'WriteWrap') as Internals['WriteWrap'];
    const pipe = new Pipe(IPC);
    const works = METHODS.every((name) => typeof Reflect.get(pipe, name) === 'function');
    pipe.close();
    return works && typeof new WriteWrap() === 'object' ? { Pipe, WriteWrap } : null;
  } catch {
    return null;
  }
}

const METHODS = ['open', 'readStart', 'writeUtf8String', 'close'] as const;

interface StreamHandle {
  readonly fd: number;
  reading: boolean;
  readStop(): number;
}

function isStreamHandle(value: unknown): value is StreamHandle {
  if (typeof value !== 'object' || value === null) return false;
  const fd: unknown = Reflect.get(value, 'fd');
  return typeof fd === 'number' && fd >= 0 && typeof Reflect.get(value, 'readStop') === 'function';
}
