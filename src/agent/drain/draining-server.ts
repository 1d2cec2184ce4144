import type { Server } from 'node:net';

/** A server that takes no new connections and waits for those that it has. */
export interface DrainingServer {
  /** Goes on with what can be done by `now` (milliseconds); true when there is nothing left to wait for. */
  step(now: number): boolean;
}

/** How many sockets of this server are open, in whatever state. Internal. */
export function openSockets(server: Server): number {
  const count: unknown = Reflect.get(server, '_connections');
  return typeof count === 'number' ? count : 0;
}
