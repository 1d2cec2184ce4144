import { unlinkSync } from 'node:fs';
import { bindSocket, errnoOf, type BindRequest, type SocketHandle } from '../sockets/bind-socket.ts';
import type { SocketAddress } from '../sockets/socket-address.ts';

/** A socket that listens, and of which nobody here takes anything: what comes waits in the kernel for who has it. */
export interface ListeningHandle extends SocketHandle {
  readonly fd: number;
  listen(backlog: number): number;
  readStart(): number;
  readStop(): number;
  setBlocking?(on: boolean): number;
}

export interface Listening {
  readonly handle: ListeningHandle;
  readonly address: SocketAddress;
}

interface StreamClass {
  new (kind: number): ListeningHandle & { open(fd: number): number };
}

/** Of libuv's streams the kind that listens. */
const SERVER = 1;

/**
 * Binds a socket and listens on it. `before`: what is to be done to it before anybody can connect. Gives the error as
 * libuv numbers it (negative) when it cannot. Throws what `before` throws.
 */
export function listenOn(request: BindRequest, backlog: number, before: () => void): Listening | number {
  const bound = bindSocket(request);
  if (typeof bound === 'number') return bound;
  const opened = openAgain(bound.handle);
  if (opened === null) {
    bound.handle.close();
    return errnoOf('ENOTSUP');
  }
  try {
    before();
  } catch (error) {
    giveUp(opened, request);
    throw error;
  }
  const failure = listenWithoutAccepting(opened, backlog);
  if (failure !== 0) {
    giveUp(opened, request);
    return failure;
  }
  return { handle: opened, address: bound.address };
}

/** Closes what was bound, with the file that it has made. */
function giveUp(handle: ListeningHandle, { address, addressType }: BindRequest): void {
  handle.close();
  if (addressType !== -1 || address === null) return;
  try {
    unlinkSync(address);
  } catch {
    // Somebody has been faster.
  }
}

/**
 * What comes is to wait for the processes that have the socket, and libuv takes it as soon as it listens. It looks at the
 * socket when the loop goes on: by then it has been told to stop, as one that reads can be. 0, or libuv's error.
 */
export function listenWithoutAccepting(handle: ListeningHandle, backlog: number): number {
  const failure = handle.listen(backlog);
  handle.readStart();
  handle.readStop();
  return failure;
}

/**
 * Programs that are given a socket expect it as systemd gives it: one that waits. To be called only while no process has
 * it that may have made it another: the flag is of the socket, and not of a descriptor.
 */
export function makeBlocking(handle: ListeningHandle): void {
  handle.setBlocking?.(true);
}

/** Whether a handle that another process has sent is one that listens. */
export function isListeningHandle(handle: unknown): handle is ListeningHandle {
  if (typeof handle !== 'object' || handle === null) return false;
  const fd: unknown = Reflect.get(handle, 'fd');
  const has = (name: string): boolean => typeof Reflect.get(handle, name) === 'function';
  return typeof fd === 'number' && fd >= 0 && ['listen', 'readStart', 'readStop', 'close'].every(has);
}

/**
 * Only a stream that was opened from a descriptor can be told to stop reading. The first handle is never used again, and
 * never closed: its descriptor belongs to what is given. Null: a Node that is built otherwise.
 */
function openAgain(handle: SocketHandle): ListeningHandle | null {
  if (!isListeningHandle(handle)) return null;
  const Stream = handle.constructor as unknown as StreamClass;
  const again = new Stream(SERVER);
  return again.open(handle.fd) === 0 ? again : null;
}
