import { isCommand, PING, PONG, type Pong } from './protocol.ts';

type Send = (message: unknown, ...rest: unknown[]) => boolean;
type Callback = (error: Error | null) => void;

/** Answers from the event loop of the app, so that a loop that is blocked does not answer. */
export function answerPings(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  const onInternal = (message: unknown): void => {
    if (!isCommand(message, PING) || !target.connected) return;
    send({ cmd: PONG, id: message['id'] } satisfies Pong, () => undefined);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}

/**
 * The other end of the channel may go at any time (the runner is killed), and the app is not to notice: no `disconnect`
 * event that it did not ask for, and no error from a `process.send` that reaches nobody any more. `onClose` is called
 * when there is no channel any more, asked for or not.
 */
export function outliveParent(target: NodeJS.Process, onClose: () => void = () => undefined): void {
  if (target.send === undefined) return;
  let asked = false;
  const lost = (): boolean => !target.connected && !asked;
  replace(target, 'send', (original) => (...args) => {
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback) : undefined;
    const done: Callback = (error) => {
      if (callback !== undefined) callback(error);
      else if (error !== null && !lost() && !isGone(error))
        (target as NodeJS.EventEmitter).emit('error', error);
    };
    return original(...args, done);
  });
  // Node itself calls disconnect() when the other end has closed: then nobody else is on the stack.
  const handle = handleOf(target);
  let reading = false;
  if (handle !== undefined) {
    const { onread } = handle;
    handle.onread = function (this: unknown, ...args: unknown[]): unknown {
      reading = true;
      try {
        return Reflect.apply(onread, this, args);
      } finally {
        reading = false;
      }
    };
  }
  replace(target, 'disconnect', (original) => (...args) => {
    asked ||= !reading;
    return original(...args);
  });
  hideDisconnect(target, { lost, onClose });
}

interface DisconnectHooks {
  readonly lost: () => boolean;
  readonly onClose: () => void;
}

function hideDisconnect(target: NodeJS.Process, { lost, onClose }: DisconnectHooks): void {
  const prototype = Object.getPrototypeOf(target) as object;
  const emit = Reflect.get(target, 'emit') as (...args: unknown[]) => boolean;
  const value = function (this: unknown, ...args: unknown[]): boolean {
    if (this !== target || args[0] !== 'disconnect') return Reflect.apply(emit, this, args);
    onClose();
    return lost() ? false : Reflect.apply(emit, this, args);
  };
  Object.defineProperty(value, 'name', { value: 'emit', configurable: true });
  Object.defineProperty(value, 'length', { value: emit.length, configurable: true });
  Object.defineProperty(prototype, 'emit', { value, enumerable: false, configurable: true, writable: true });
}

type Method = (...args: unknown[]) => unknown;

function replace(
  target: NodeJS.Process,
  name: 'send' | 'disconnect',
  make: (original: Method) => Method,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (descriptor?.configurable !== true || typeof original !== 'function') return;
  const value = make((...args) => Reflect.apply(original, target, args) as unknown);
  Object.defineProperty(value, 'name', { value: original.name, configurable: true });
  Object.defineProperty(value, 'length', { value: original.length, configurable: true });
  Object.defineProperty(target, name, { ...descriptor, value });
}

interface ReadHandle {
  onread: (...args: unknown[]) => unknown;
}

/** Internal: without it a `disconnect` is taken for the app's own wish, as it is in Node. */
function handleOf(target: NodeJS.Process): ReadHandle | undefined {
  const symbol = Object.getOwnPropertySymbols(target).find(
    ({ description }) => description === 'kChannelHandle',
  );
  const handle: unknown = symbol === undefined ? undefined : Reflect.get(target, symbol);
  return isReadHandle(handle) ? handle : undefined;
}

function isReadHandle(value: unknown): value is ReadHandle {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'onread') === 'function';
}

function isGone(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ECONNRESET';
}
