import {
  ANSWER_LIMIT_MS,
  isChannelHandle,
  MAX_HANDLES,
  MAX_QUEUED,
  MAX_UNSENT_BYTES,
  type ChannelHandle,
  type OpenTransport,
  type Transport,
  type TransportSink,
} from '../channel/transport.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { SocketHandle } from '../sockets/bind-socket.ts';
import { writeRequest, type HandlePipe } from './handle-pipe.ts';

interface Waiting {
  readonly line: string;
  readonly handle: SocketHandle | undefined;
}

/**
 * Over a connection of an agent that came back; both ends speak as Node's own channels do, and carry sockets both ways.
 * `speaks`: it is a channel that the runner before has had already.
 */
export function pipeTransport(pipe: HandlePipe, clock: Clock, speaks = false): OpenTransport {
  return (sink) => new PipeTransport(pipe, { clock, sink, speaks });
}

interface PipeOptions {
  readonly clock: Clock;
  readonly sink: TransportSink;
  readonly speaks: boolean;
}

/**
 *   silent ──first bytes──▶ sending ──a handle goes out──▶ waiting for the answer ──answer, or 5 s──▶ sending
 *
 * Nothing is sent before the process has said something: until then its end may not be a channel yet.
 */
class PipeTransport implements Transport {
  readonly #pipe: HandlePipe;
  readonly #clock: Clock;
  readonly #sink: TransportSink;
  #state: 'silent' | 'sending' | 'waiting' | 'closed' = 'silent';
  #queue: Waiting[] = [];
  #cancelLimit: Cancel | undefined;

  constructor(pipe: HandlePipe, { clock, sink, speaks }: PipeOptions) {
    if (speaks) this.#state = 'sending';
    this.#pipe = pipe;
    this.#clock = clock;
    this.#sink = sink;
    pipe.onread = (bytes) => this.#onRead(bytes);
    pipe.readStart();
  }

  get full(): boolean {
    return this.#queue.length > MAX_QUEUED || this.#pipe.writeQueueSize > MAX_UNSENT_BYTES;
  }

  write(message: unknown, handle?: SocketHandle): boolean {
    if (this.#state === 'closed' || this.#queue.length > MAX_HANDLES) return false;
    const sent = handle === undefined ? message : { cmd: 'NODE_HANDLE', type: typeOf(handle), msg: message };
    const line = `${JSON.stringify(sent)}\n`;
    // The process may wait for this one while we wait for its own.
    if (isAnswer(message)) this.#put({ line, handle });
    else this.#queue.push({ line, handle });
    this.#sendQueue();
    return true;
  }

  handleAnswered(): void {
    if (this.#state !== 'waiting') return;
    this.#cancelLimit?.();
    this.#state = 'sending';
    this.#sendQueue();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#queue = [];
    this.#cancelLimit?.();
    this.#pipe.close(() => this.#sink.onClose());
  }

  suspend(): ChannelHandle | null {
    const pipe = this.#pipe;
    if (this.#state === 'closed' || !isChannelHandle(pipe)) return null;
    pipe.readStop();
    return this.#state === 'sending' && this.#queue.length === 0 && pipe.writeQueueSize === 0 ? pipe : null;
  }

  resume(): void {
    if (this.#state !== 'closed') this.#pipe.readStart();
  }

  #onRead(bytes: ArrayBuffer | undefined): void {
    const handle = this.#pipe.pendingHandle ?? null;
    this.#pipe.pendingHandle = null;
    if (bytes === undefined || this.#state === 'closed') {
      handle?.close();
      this.close();
      return;
    }
    if (this.#state === 'silent') this.#state = 'sending';
    if (handle !== null) this.#sink.onHandle(handle);
    this.#sink.onBytes(Buffer.from(bytes));
    this.#sendQueue();
  }

  #sendQueue(): void {
    while (this.#state === 'sending') {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (next.handle !== undefined) this.#awaitAnswer();
      this.#put(next);
    }
  }

  #awaitAnswer(): void {
    this.#state = 'waiting';
    this.#cancelLimit = this.#clock.after(ANSWER_LIMIT_MS, () => this.#sink.onHandleAnswer(true));
  }

  #put({ line, handle }: Waiting): void {
    const request = writeRequest((status) => {
      if (status < 0) this.close();
    });
    if (this.#pipe.writeUtf8String(request, line, handle) !== 0) this.close();
  }
}

/** As Node calls what goes along. */
function typeOf(handle: SocketHandle): 'net.Native' | 'dgram.Native' {
  return 'recvStart' in handle ? 'dgram.Native' : 'net.Native';
}

function isAnswer(message: unknown): boolean {
  return typeof message === 'object' && message !== null && Reflect.get(message, 'cmd') === 'NODE_HANDLE_ACK';
}
