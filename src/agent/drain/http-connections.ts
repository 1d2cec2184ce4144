import type { ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/** What Node knows of the connections of an HTTP server, since Node 18. Internal. */
interface ConnectionsList {
  /** Every connection that speaks HTTP: not those that have gone over to another protocol. */
  all(): readonly Parser[];
  /** Those on which no request is arriving. */
  idle(): readonly Parser[];
}

interface Parser {
  readonly socket?: HttpSocket | null;
}

interface HttpSocket extends Socket {
  /** The response under way. Internal. */
  readonly _httpMessage?: ServerResponse | null;
}

export interface HttpConnection {
  readonly socket: Socket;
  /** A request is arriving or being answered. */
  readonly busy: boolean;
  readonly response: ServerResponse | null;
}

/** The connections of an HTTP or HTTPS server; undefined for a server of another kind. */
export function httpConnections(server: Server): readonly HttpConnection[] | undefined {
  const list = listOf(server);
  if (list === undefined) return undefined;
  const idle = new Set(list.idle());
  return list.all().flatMap((parser) => {
    const { socket } = parser;
    if (socket === undefined || socket === null || socket.destroyed) return [];
    const response = socket._httpMessage ?? null;
    return [{ socket, response, busy: response !== null || isMoving(socket, idle.has(parser)) }];
  });
}

/** A response may still be on its way after it has let go of the socket; a new connection may have said nothing yet. */
function isMoving(socket: Socket, isIdle: boolean): boolean {
  return socket.writableLength > 0 || (!isIdle && socket.bytesRead > 0);
}

function listOf(server: Server): ConnectionsList | undefined {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const list: unknown = symbol === undefined ? undefined : Reflect.get(server, symbol);
  return isConnectionsList(list) ? list : undefined;
}

function isConnectionsList(value: unknown): value is ConnectionsList {
  if (typeof value !== 'object' || value === null) return false;
  return typeof Reflect.get(value, 'all') === 'function' && typeof Reflect.get(value, 'idle') === 'function';
}
