import type { ChildProcess, SendHandle } from 'node:child_process';
import type { SocketHandle } from '../sockets/bind-socket.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import {
  ANSWER_LIMIT_MS,
  MAX_HANDLES,
  MAX_QUEUED,
  MAX_UNSENT_BYTES,
  isChannelHandle,
  type ChannelHandle,
  type OpenTransport,
  type Transport,
  type TransportSink,
} from './transport.ts';

/** What libuv reads the channel with. Internal to Node: there is no other way to get at the bytes before Node does. */
interface ReadHandle extends ChannelHandle {
  onread: (this: unknown, bytes?: ArrayBuffer) => unknown;
  /** The socket that came with the bytes. */
  pendingHandle?: { close(): void } | null;
}

/**
 * Over the `ipc` channel of Node, which can carry sockets to the process. What the process writes never reaches Node's
 * own parser: that throws where nobody can catch it at what is not JSON, and keeps a line of any length.
 */
export function nodeTransport(child: ChildProcess, clock: Clock): OpenTransport {
  return (sink) => new NodeTransport(child, { clock, sink });
}

class NodeTransport implements Transport {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #sink: TransportSink;
  readonly #handle: ReadHandle | undefined;
  #onTheirWay = 0;
  #cancelLimit: Cancel | undefined;
  #closed = false;

  constructor(child: ChildProcess, { clock, sink }: { readonly clock: Clock; readonly sink: TransportSink }) {
    this.#child = child;
    this.#clock = clock;
    this.#sink = sink;
    this.#handle = channelHandle(child);
    child.once('disconnect', () => this.#onClose());
    // A Node that keeps its channel elsewhere: the app is told that it has none, and binds for itself.
    if (this.#handle === undefined) this.close();
    else this.#read(this.#handle);
  }

  get full(): boolean {
    return this.#queued > MAX_QUEUED || (this.#handle?.writeQueueSize ?? 0) > MAX_UNSENT_BYTES;
  }

  write(message: unknown, handle?: SocketHandle): boolean {
    if (this.#closed || !this.#child.connected || this.#queued > MAX_HANDLES) return false;
    const failed = (error: Error | null): void => {
      if (error !== null) this.close();
    };
    try {
      // Node sends one handle at a time, and nothing after it until the process has answered.
      this.#child.send(message as object, handle as SendHandle | undefined, { keepOpen: true }, failed);
    } catch {
      // What Node does not take for a handle, or cannot put into JSON.
      return false;
    }
    if (handle === undefined) return true;
    this.#onTheirWay += 1;
    this.#limitWait();
    return true;
  }

  handleAnswered(received: boolean): void {
    this.#release(received);
    if (this.#onTheirWay === 0) return;
    this.#onTheirWay -= 1;
    this.#cancelLimit?.();
    this.#cancelLimit = undefined;
    this.#limitWait();
  }

  close(): void {
    this.#dropQueue();
    if (this.#child.connected) this.#child.disconnect();
  }

  suspend(): ChannelHandle | null {
    const handle = this.#handle;
    if (handle === undefined || this.#closed || !isChannelHandle(handle)) return null;
    handle.readStop();
    const isIdle = queueOf(this.#child) === null && this.#onTheirWay === 0 && handle.writeQueueSize === 0;
    return isIdle ? handle : null;
  }

  resume(): void {
    if (!this.#closed && isChannelHandle(this.#handle)) this.#handle.readStart();
  }

  get #queued(): number {
    return queueOf(this.#child)?.length ?? 0;
  }

  #read(handle: ReadHandle): void {
    const { onread } = handle;
    handle.onread = (bytes) => {
      handle.pendingHandle?.close();
      handle.pendingHandle = null;
      if (bytes !== undefined) {
        if (!this.#closed) this.#sink.onBytes(Buffer.from(bytes));
        return;
      }
      this.#dropQueue();
      Reflect.apply(onread, handle, [bytes]);
    };
  }

  /** Node does not say that a channel has ended, nor ends it, while it waits for an answer: which will never come. */
  #dropQueue(): void {
    Reflect.set(this.#child, '_handleQueue', null);
  }

  #limitWait(): void {
    if (this.#onTheirWay === 0) return;
    this.#cancelLimit ??= this.#clock.after(ANSWER_LIMIT_MS, () => {
      this.#cancelLimit = undefined;
      this.#sink.onHandleAnswer(true);
    });
  }

  /** Tells Node to go on with what waits behind a handle; only when it waits: it asserts that it does. */
  #release(received: boolean): void {
    if (queueOf(this.#child) === null) return;
    const cmd = received ? 'NODE_HANDLE_ACK' : 'NODE_HANDLE_NACK';
    this.#child.emit('internalMessage', { cmd });
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelLimit?.();
    this.#sink.onClose();
  }
}

function channelHandle(child: ChildProcess): ReadHandle | undefined {
  const symbol = Object.getOwnPropertySymbols(child).find(
    ({ description }) => description === 'kChannelHandle',
  );
  const handle: unknown = symbol === undefined ? undefined : Reflect.get(child, symbol);
  const readable = typeof handle === 'object' && handle !== null && 'onread' in handle;
  return readable ? (handle as ReadHandle) : undefined;
}

/** What waits until the process has answered for a handle; null: nothing has to. */
function queueOf(child: ChildProcess): readonly unknown[] | null {
  const queue: unknown = Reflect.get(child, '_handleQueue');
  return Array.isArray(queue) ? queue : null;
}
