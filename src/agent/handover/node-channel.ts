import type { Socket } from 'node:net';

/**
 * All that is internal to Node about getting another channel in the place of one that was lost. Node makes `process.send`
 * and what belongs to it from a descriptor once, when it starts; the same function does it again.
 */
type ForkChild = (fd: number, serializationMode: 'json') => void;

/** What a socket reads with. */
interface StreamHandle {
  readonly fd: number;
  reading: boolean;
  readStop(): number;
}

/** Counts what keeps the process for the sake of its channel. */
interface Control {
  refCounted(): void;
  unref(): void;
}

/**
 * Listeners of Node's own on the process that belong to one channel: they would answer for the new one as well, and each
 * channel would add some. Nothing tells them from those of an app but what is in them.
 */
const OWN_LISTENERS = [
  ['removeListener', /\.unrefCounted\(\)/],
  ['newListener', /\.refCounted\(\)|kPendingMessages/],
  ['internalMessage', /NODE_HANDLE_ACK/],
] as const;

/** Events of which a listener keeps the process for as long as it has a channel. */
const KEEPING = ['message', 'disconnect'] as const;

/** Replaced by Node, and to stay: the app or we may have something of our own in their place, and they go on working. */
const KEPT = ['send', 'disconnect'] as const;

/** Whether this Node is built as it is taken to be here; asked before anything is tried. */
export function canTakeChannel(target: NodeJS.Process): boolean {
  return forkChild(target) !== undefined && ownListeners(target, 'internalMessage').length === 1;
}

/**
 * Makes a connected socket the channel of this process, as if it had been started with it; `keeps`: a listener that the
 * app has may keep the process, as it did before. The socket is read no more and never closed: its descriptor belongs to
 * the channel. False: this cannot be done, and nothing has changed.
 */
export function takeChannel(target: NodeJS.Process, socket: Socket, keeps: boolean): boolean {
  const fork = forkChild(target);
  const handle: unknown = Reflect.get(socket, '_handle');
  if (fork === undefined || !isStreamHandle(handle)) return false;
  socket.pause();
  handle.reading = false;
  handle.readStop();
  socket.unref();
  const kept = KEPT.map((name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const);
  for (const [event] of OWN_LISTENERS) {
    for (const listener of ownListeners(target, event)) target.removeListener(event, listener);
  }
  fork(handle.fd, 'json');
  for (const [name, descriptor] of kept) {
    if (descriptor !== undefined) Object.defineProperty(target, name, descriptor);
  }
  const listeners = KEEPING.reduce((count, event) => count + target.listenerCount(event), 0);
  const control = Reflect.get(target, 'channel') as unknown as Control;
  for (let i = 0; i < listeners; i++) control.refCounted();
  if (listeners > 0 && !keeps) control.unref();
  return true;
}

function ownListeners(
  target: NodeJS.Process,
  event: (typeof OWN_LISTENERS)[number][0],
): readonly ((...args: unknown[]) => void)[] {
  const pattern = OWN_LISTENERS.find(([name]) => name === event)?.[1];
  return (target as NodeJS.EventEmitter)
    .rawListeners(event)
    .filter((listener) => pattern?.test(Function.prototype.toString.call(listener))) as (() => void)[];
}

function forkChild(target: NodeJS.Process): ForkChild | undefined {
  // Before Node 20.16 there is no way to it.
  if (!Reflect.has(target, 'getBuiltinModule')) return undefined;
  const fork: unknown = Reflect.get(target.getBuiltinModule('node:child_process'), '_forkChild');
  return typeof fork === 'function' ? (fork as ForkChild) : undefined;
}

function isStreamHandle(value: unknown): value is StreamHandle {
  if (typeof value !== 'object' || value === null) return false;
  const fd: unknown = Reflect.get(value, 'fd');
  return typeof fd === 'number' && fd >= 0 && typeof Reflect.get(value, 'readStop') === 'function';
}
