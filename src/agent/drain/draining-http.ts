import type { Server, Socket } from 'node:net';
import { closeAfter } from './connection-close.ts';
import { openSockets, type DrainingServer } from './draining-server.ts';
import { httpConnections } from './http-connections.ts';

/** A TLS handshake that has not brought a request after so long has no hurry. */
const HANDSHAKE_MS = 500;

/** HTTP and HTTPS: waits for every request under way, and closes what has been quiet for `window` milliseconds. */
export class DrainingHttp implements DrainingServer {
  readonly #server: Server;
  readonly #window: number;
  readonly #handshakesUntil: number;
  readonly #quietSince = new WeakMap<Socket, number>();

  constructor(server: Server, window: number, now: number) {
    this.#server = server;
    this.#window = window;
    this.#handshakesUntil = isTls(server) ? now + Math.min(window, HANDSHAKE_MS) : -Infinity;
    for (const { response } of httpConnections(server) ?? []) {
      if (response !== null) closeAfter(response);
    }
  }

  step(now: number): boolean {
    const connections = httpConnections(this.#server) ?? [];
    const left = connections.filter(({ socket, busy }) => !this.#closeIfQuiet(socket, busy, now));
    // The server knows a connection only when its handshake is over.
    const handshakes = now < this.#handshakesUntil ? openSockets(this.#server) - connections.length : 0;
    return left.length === 0 && handshakes <= 0;
  }

  #closeIfQuiet(socket: Socket, busy: boolean, now: number): boolean {
    if (busy) {
      this.#quietSince.delete(socket);
      return false;
    }
    const since = this.#quietSince.get(socket) ?? now;
    this.#quietSince.set(socket, since);
    if (now - since < this.#window) return false;
    socket.destroySoon();
    return true;
  }
}

function isTls(server: Server): boolean {
  return 'setSecureContext' in server;
}
