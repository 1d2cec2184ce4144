import type { Duplex } from 'node:stream';
import type { SocketHandle } from '../sockets/bind-socket.ts';

/** Who is to hear what a transport brings. */
export interface TransportSink {
  readonly onBytes: (chunk: Buffer) => void;
  /** A socket that came with the bytes that follow; the sink's to close. */
  readonly onHandle: (handle: SocketHandle) => void;
  /** The process has said that it got the handle that was sent first of those still on their way, or that it did not. */
  readonly onHandleAnswer: (received: boolean) => void;
  /** Called once; nothing follows. */
  readonly onClose: () => void;
}

/** What carries a channel: bytes both ways, and where the system can, sockets to the process. */
export interface Transport {
  /** Whether a process that does not read has filled it, as far as messages go. */
  readonly full: boolean;
  /** `handle` goes along where it can: false when it cannot. */
  write(message: unknown, handle?: SocketHandle): boolean;
  /** The process answered for a handle. */
  handleAnswered(received: boolean): void;
  close(): void;
  /**
   * Reads and sends nothing until `resume`. Gives the descriptor for another process, as Node sends one; null: it cannot
   * be passed on, because something is on its way.
   */
  suspend(): ChannelHandle | null;
  resume(): void;
}

/** A channel as another process can be given it. */
export interface ChannelHandle {
  readonly fd: number;
  readonly writeQueueSize: number;
  reading?: boolean;
  readStart(): number;
  readStop(): number;
}

export function isChannelHandle(value: unknown): value is ChannelHandle {
  if (typeof value !== 'object' || value === null) return false;
  const fd: unknown = Reflect.get(value, 'fd');
  const isOpen = typeof fd === 'number' && fd >= 0;
  return isOpen && ['readStart', 'readStop'].every((name) => typeof Reflect.get(value, name) === 'function');
}

export type OpenTransport = (sink: TransportSink) => Transport;

/** What may wait for a process that does not read. */
export const MAX_UNSENT_BYTES = 64 * 1024;
/** A process has this long to say that it got a handle; then what waits behind it is sent all the same. */
export const ANSWER_LIMIT_MS = 5_000;
/** Messages that may wait for that, and sockets: an app may well ask for hundreds at once. */
export const MAX_QUEUED = 200;
export const MAX_HANDLES = 2_000;

/** Over a pair of connected sockets of which the process has the other one. It carries no handles. */
export function streamTransport(stream: Duplex): OpenTransport {
  return ({ onBytes, onClose }) => {
    stream.on('data', (chunk: Buffer) => {
      if (!stream.destroyed) onBytes(chunk);
    });
    stream.on('error', () => stream.destroy());
    stream.on('end', () => stream.destroy());
    stream.on('close', onClose);
    return {
      get full() {
        return stream.writableLength > MAX_UNSENT_BYTES;
      },
      write(message, handle) {
        if (handle !== undefined || stream.destroyed) return false;
        stream.write(`${JSON.stringify(message)}\n`);
        return true;
      },
      handleAnswered: () => undefined,
      close: () => stream.destroy(),
      suspend() {
        const handle: unknown = Reflect.get(stream, '_handle');
        if (!isChannelHandle(handle)) return null;
        handle.reading = false;
        handle.readStop();
        return stream.writableLength === 0 && stream.readableLength === 0 ? handle : null;
      },
      resume() {
        const handle: unknown = Reflect.get(stream, '_handle');
        if (!isChannelHandle(handle)) return;
        handle.reading = true;
        handle.readStart();
      },
    };
  };
}
