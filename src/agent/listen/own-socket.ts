import type { GotHandle, ListeningServer, ListenHandle, ServerQuery } from './cluster-hook.ts';

/** Internal to dgram. */
interface UdpHandle extends ListenHandle {
  bind(address: string, port: number, flags: number): number;
  bind6(address: string, port: number, flags: number): number;
  open(fd: number): number;
}

/** Listens as if there were no cluster: on a socket of this process alone. */
export function listenAlone(server: ListeningServer, query: ServerQuery, callback: GotHandle): void {
  const { address, port, addressType, backlog, fd, flags } = query;
  if (server._listen2 !== undefined) server._listen2(address, port, addressType, backlog, fd, flags);
  else bindUdp(server, query, callback);
}

function bindUdp(socket: ListeningServer, query: ServerQuery, callback: GotHandle): void {
  const handle = newHandle(socket);
  // Closed meanwhile.
  if (handle === null) return;
  const { address, port, addressType, fd, flags } = query;
  const six = addressType === 'udp6';
  const bind = six ? 'bind6' : 'bind';
  const host = address ?? (six ? '::' : '0.0.0.0');
  const isOpen = typeof fd === 'number' && fd >= 0;
  const errno = isOpen ? handle.open(fd) : handle[bind](host, Number(port ?? 0), flags ?? 0);
  if (errno === 0) {
    callback(0, handle);
    return;
  }
  handle.close();
  callback(errno);
}

/** dgram gives its socket a handle before it is bound, and wants another one when it is. */
function newHandle(socket: ListeningServer): UdpHandle | null {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const state = Reflect.get(socket, symbol ?? '') as { readonly handle: UdpHandle | null } | undefined;
  const constructor = state?.handle?.constructor as (new () => UdpHandle) | undefined;
  return constructor === undefined ? null : new constructor();
}
