import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import { openSockets, type DrainingServer } from './draining-server.ts';

type Emit = (...args: unknown[]) => boolean;

/**
 * HTTP/2: tells each client to go away, and waits for the streams that are open. A client is told when its next stream
 * arrives: told while it is silent, it might be just sending one, and have it refused. After `window` milliseconds it is
 * told anyway. Before Node 24 a server does not know its sessions: there they are known by their streams alone.
 */
export class DrainingHttp2 implements DrainingServer {
  readonly #server: Server;
  readonly #windowEnd: number;
  readonly #sessions: Set<ServerHttp2Session>;

  constructor(server: Server, window: number, now: number) {
    this.#server = server;
    this.#windowEnd = now + window;
    this.#sessions = new Set(sessionsOf(server));
    this.#watch();
  }

  step(now: number): boolean {
    const isOver = now >= this.#windowEnd;
    for (const session of this.#sessions) {
      if (isOver) session.close();
      if (session.destroyed) this.#sessions.delete(session);
    }
    const unknown = isOver ? 0 : openSockets(this.#server) - this.#sessions.size;
    return this.#sessions.size === 0 && unknown <= 0;
  }

  /** A listener would be counted. */
  #watch(): void {
    const emit = Reflect.get(this.#server, 'emit') as Emit;
    const found = (event: unknown, about: unknown): void => {
      const session: unknown = event === 'stream' ? sessionOfStream(about) : about;
      if (!isSession(session)) return;
      this.#sessions.add(session);
      if (event === 'stream') session.close();
    };
    const value = function (this: unknown, ...args: unknown[]): boolean {
      const result = Reflect.apply(emit, this, args);
      if (args[0] === 'stream' || args[0] === 'session') found(args[0], args[1]);
      return result;
    };
    Object.defineProperty(this.#server, 'emit', {
      value,
      enumerable: false,
      configurable: true,
      writable: true,
    });
  }
}

export function isHttp2(server: Server): boolean {
  return /^Http2(Secure)?Server$/.test(server.constructor.name);
}

/** Since Node 24. Internal. */
function sessionsOf(server: Server): readonly ServerHttp2Session[] {
  const symbol = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'sessions');
  const sessions: unknown = symbol === undefined ? undefined : Reflect.get(server, symbol);
  return isIterable(sessions) ? [...sessions].filter(isSession) : [];
}

/** A set that is none of `Set`. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function sessionOfStream(stream: unknown): unknown {
  return typeof stream === 'object' && stream !== null ? Reflect.get(stream, 'session') : undefined;
}

function isSession(value: unknown): value is ServerHttp2Session {
  return typeof value === 'object' && value !== null && 'goaway' in value && 'close' in value;
}
