import type { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import { FrameSplitter } from './frames.ts';

export interface ChannelHandlers {
  readonly clock: Clock;
  readonly onMessage: (message: unknown) => void;
  /** Messages were dropped; called once. */
  readonly onDropped: () => void;
  readonly onClose: () => void;
}

/** Longest message that is taken. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** What may wait for a process that does not read. */
const MAX_UNSENT_BYTES = 64 * 1024;
/** Messages at once, and a second: what comes faster is dropped, so that an app cannot drown those who listen. */
const BURST = 200;
const PER_SECOND = 100;

/**
 * Our end of the channel of a Node process: JSON, one message a line, as `process.send` of Node writes it. Read here and
 * not by Node's own `ipc`, because an app can write anything: lines are bounded, and what is no message is passed over.
 */
export class Channel {
  readonly #stream: Duplex;
  readonly #handlers: ChannelHandlers;
  #credit = BURST;
  #creditAt: number;
  #dropped = false;
  #open = true;

  constructor(stream: Duplex, handlers: ChannelHandlers) {
    this.#stream = stream;
    this.#handlers = handlers;
    this.#creditAt = handlers.clock.monotonic();
    const frames = new FrameSplitter(
      MAX_MESSAGE_BYTES,
      (line) => this.#onLine(line),
      // It may be in the midst of a line of any length: nothing that follows can be made sense of.
      () => {
        this.#drop();
        stream.destroy();
      },
    );
    stream.on('data', (chunk: Buffer) => {
      if (!stream.destroyed) frames.write(chunk);
    });
    stream.on('error', () => stream.destroy());
    stream.on('end', () => stream.destroy());
    stream.on('close', () => {
      this.#open = false;
      handlers.onClose();
    });
  }

  get open(): boolean {
    return this.#open;
  }

  /** False: it has not read what it was sent before, and this was not sent. */
  send(message: unknown): boolean {
    if (!this.#open || this.#stream.writableLength > MAX_UNSENT_BYTES) return false;
    this.#stream.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  #onLine(line: string): void {
    if (!this.#takeCredit()) {
      this.#drop();
      return;
    }
    const message = parseMessage(line);
    if (message !== undefined) this.#handlers.onMessage(message);
  }

  #takeCredit(): boolean {
    const now = this.#handlers.clock.monotonic();
    const earned = ((now - this.#creditAt) * PER_SECOND) / 1_000;
    this.#credit = Math.min(BURST, this.#credit + earned);
    this.#creditAt = now;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }

  #drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#handlers.onDropped();
  }
}

function parseMessage(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
