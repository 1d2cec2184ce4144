/**
 * A client that says byte for byte what it is told and shows what comes back:
 *
 *   const wire = await Wire.connect(port);             // or a path
 *   wire.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
 *   const { head, body } = await wire.response();      // of responses with Content-Length
 *   await wire.closed;                                 // the other end has closed it
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface WireResponse {
  readonly status: number;
  /** In lower case. */
  readonly head: string;
  readonly body: string;
}

export class Wire {
  readonly closed: Promise<void>;
  readonly socket: Socket;
  #text = '';
  #arrived: () => void = () => undefined;
  #isClosed = false;

  static async connect(target: number | string): Promise<Wire> {
    const socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
    await once(socket, 'connect');
    return new Wire(socket);
  }

  /** Resolves with `connected`, or with the code of the error. */
  static async attempt(target: number | string): Promise<string> {
    try {
      (await Wire.connect(target)).end();
      return 'connected';
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  }

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.#text += chunk;
      this.#arrived();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        this.#arrived();
        resolve();
      });
    });
  }

  write(text: string): void {
    this.socket.write(text);
  }

  get(path = '/', headers = ''): void {
    this.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  }

  /** What comes up to and with the first match. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) {
        const end = found.index + found[0].length;
        const text = this.#text.slice(0, end);
        this.#text = this.#text.slice(end);
        return text;
      }
      await this.#more();
    }
  }

  async response(): Promise<WireResponse> {
    const head = (await this.until(/\r\n\r\n/)).toLowerCase();
    const length = Number(/^content-length: (\d+)/m.exec(head)?.[1] ?? 0);
    const body = await this.#take(length);
    return { status: Number(head.split(' ')[1]), head, body };
  }

  async #take(length: number): Promise<string> {
    while (this.#text.length < length) await this.#more();
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }

  #more(): Promise<void> {
    if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.#text)}`);
    return new Promise((resolve) => (this.#arrived = resolve));
  }

  end(): void {
    this.socket.destroy();
  }
}
