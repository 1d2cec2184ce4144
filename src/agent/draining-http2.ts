import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import { openSockets, type DrainingServer } from './draining-server.ts';

type Emit = (...args: unknown[]) => boolean;

/**
 * HTTP/2: tells each client to go away, and waits for the streams that are open. Before Node 24 a server does not know
 * its sessions: there they show themselves by their next stream, and are waited for during `window` milliseconds.
 */
export class DrainingHttp2 implements DrainingServer {
  readonly #server: Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #unknownUntil: number;

  constructor(server: Server, window: number, now: number) {
    this.#server = server;
    this.#unknownUntil = now + window;
    this.#watch();
    for (const session of sessionsOf(server)) this.#close(session);
  }

  step(now: number): boolean {
    for (const session of this.#sessions) {
      if (session.destroyed) this.#sessions.delete(session);
    }
    const unknown = now < this.#unknownUntil ? openSockets(this.#server) - this.#sessions.size : 0;
    return this.#sessions.size === 0 && unknown <= 0;
  }

  #close(session: ServerHttp2Session): void {
    if (this.#sessions.has(session) || session.destroyed) return;
    this.#sessions.add(session);
    session.close();
  }

  /** A listener would be counted. */
  #watch(): void {
    const emit = Reflect.get(this.#server, 'emit') as Emit;
    const found = (event: unknown, about: unknown): void => {
      const session: unknown = event === 'stream' ? sessionOfStream(about) : about;
      if (isSession(session)) this.#close(session);
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
