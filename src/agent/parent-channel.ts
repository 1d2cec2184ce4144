import { noteOffer } from './offers.ts';

/** What an app says when it can do its work. */
const READY = 'ready';

type Send = (message: unknown, ...rest: unknown[]) => boolean;
type Callback = (error: Error | null) => void;

/** The channel of the process, which may be lost and come back. */
export interface ParentChannel {
  /** Whether an app that listens for messages was kept by its channel when that was lost. */
  readonly keeps: () => boolean;
  /** Whether the app hears messages, or has said any. */
  readonly talks: () => boolean;
  /** To be called when the process has another channel in the place of the one that was lost. */
  readonly renewed: () => void;
  /** Says something to the runner, whatever the app has made of `process.send`. */
  readonly say: (message: object) => void;
}

/**
 * The other end of the channel may go at any time (the runner is killed), and the app is not to notice: no `disconnect`
 * event that it did not ask for, and no error from a `process.send` that reaches nobody any more. `onClose` is called
 * when there is no channel any more, with whether the app asked for that. Null: the process has no channel.
 */
export function outliveParent(
  target: NodeJS.Process,
  onClose: (asked: boolean) => void = () => undefined,
): ParentChannel | null {
  if (target.send === undefined) return null;
  const send = target.send.bind(target) as Send;
  let asked = false;
  let reading = false;
  let kept = false;
  let hasSent = false;
  let saidReady = false;
  const lost = (): boolean => !target.connected && !asked;
  replace(target, 'send', (original) => (...args) => {
    hasSent = true;
    saidReady ||= args[0] === READY;
    noteOffer(args[0]);
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback) : undefined;
    const done: Callback = (error) => {
      if (callback !== undefined) callback(error);
      else if (error !== null && !lost() && !isGone(error))
        (target as NodeJS.EventEmitter).emit('error', error);
    };
    return original(...args, done);
  });
  // Node itself calls disconnect() when the other end has closed: then nobody else is on the stack.
  const watchReads = (): void => {
    const handle = handleOf(target);
    if (handle === undefined) return;
    const { onread } = handle;
    handle.onread = function (this: unknown, ...args: unknown[]): unknown {
      reading = true;
      if (args[0] === undefined) {
        kept = handle.hasRef?.() ?? false;
        // Node does not give up a channel while it waits for the other end to say that it got a handle.
        Reflect.set(target, '_handleQueue', null);
      }
      try {
        return Reflect.apply(onread, this, args);
      } finally {
        reading = false;
      }
    };
  };
  watchReads();
  replace(target, 'disconnect', (original) => (...args) => {
    asked ||= !reading;
    return original(...args);
  });
  hideDisconnect(target, { lost, onClose: () => onClose(asked) });
  return {
    talks: () => hasSent || target.listenerCount('message') > 0,
    keeps: () => kept && target.listenerCount('message') + target.listenerCount('disconnect') > 0,
    renewed: () => {
      watchReads();
      // What was said while there was nobody to hear it; who has heard it already takes no notice.
      if (saidReady) send(READY, () => undefined);
    },
    say: (message) => void send(message, () => undefined),
  };
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
  readonly hasRef?: () => boolean;
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
