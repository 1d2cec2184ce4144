import type { IncomingMessage, Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Keeps at most `max` connections. Where there are more, one goes that has not asked for anything yet, or has been
 * answered: the oldest of these, so that those who open connections and say nothing, or a byte now and then, keep nobody
 * else out. If all wait for an answer, the newest goes. `event`: `secureConnection` where requests come over TLS.
 */
export function boundConnections(
  server: Server | TlsServer,
  max: number,
  event: 'connection' | 'secureConnection' = 'connection',
): void {
  const open = new Set<Socket>();
  const asked = new Map<Socket, IncomingMessage>();
  const isWaiting = (socket: Socket): boolean => asked.get(socket)?.complete === true;
  server.on(event, (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      asked.delete(socket);
    });
    if (open.size <= max) return;
    const leaving = [...open].find((one) => one !== socket && !isWaiting(one)) ?? socket;
    open.delete(leaving);
    leaving.destroy();
  });
  server.on('request', (request, response) => {
    asked.set(request.socket, request);
    response.once('close', () => {
      if (asked.get(request.socket) === request) asked.delete(request.socket);
    });
  });
}
