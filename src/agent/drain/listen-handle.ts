import type { Server } from 'node:net';

/** What a listening server holds. Internal: the parts that are used here. */
export interface ListenHandle {
  readonly fd?: number;
  readonly getsockname?: (out: object) => number;
  readonly hasRef?: () => boolean;
  close(callback?: () => void): void;
}

/** As long as a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * Closes the socket that a server listens on, and the server does not notice: it still listens, has its address, keeps
 * the process alive, and can be closed. In a cluster only the share of this process is given up.
 */
export function stopAccepting(server: Server): void {
  const handle: unknown = Reflect.get(server, '_handle');
  if (!isListenHandle(handle)) return;
  Reflect.set(server, '_handle', standIn(handle));
  handle.close();
}

/** What a server can have in the place of the handle that it listens on, and not notice. */
export interface StandIn {
  readonly hasRef: () => boolean;
  close(callback?: () => void): void;
}

/** `onClose`: the server closes it. */
export function standIn(handle: ListenHandle, onClose: () => void = () => undefined): StandIn {
  const timer = setInterval(() => undefined, FOR_EVER_MS);
  if (handle.hasRef?.() === false) timer.unref();
  const made = {
    fd: -1,
    ref: () => void timer.ref(),
    unref: () => void timer.unref(),
    hasRef: () => timer.hasRef(),
    close(callback?: () => void) {
      clearInterval(timer);
      onClose();
      if (callback !== undefined) setImmediate(callback);
    },
    ...addressOf(handle),
  };
  return made;
}

/** A Unix socket has none: there the server itself knows its path. */
function addressOf(handle: ListenHandle): object {
  if (handle.getsockname === undefined) return {};
  const address = {};
  const status = handle.getsockname(address);
  return {
    getsockname(out: object): number {
      Object.assign(out, address);
      return status;
    },
  };
}

function isListenHandle(value: unknown): value is ListenHandle {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'close') === 'function';
}
