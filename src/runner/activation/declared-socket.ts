import type { SocketPlace, SocketSpec } from '../protocol/orders.ts';
import type { BindRequest } from '../sockets/bind-socket.ts';
import type { SocketAddress } from '../sockets/socket-address.ts';

/** What makes a declared socket the one that other processes of its app have: its app, and where it listens. */
export function keyOf(app: string, { place }: Pick<SocketSpec, 'place'>): string {
  return JSON.stringify([app, placeText(place)]);
}

/** The same under another name of its app. */
export function renamedKey(app: string, key: string): string {
  const [, place] = JSON.parse(key) as [string, string];
  return JSON.stringify([app, place]);
}

/** `*:8080`, `127.0.0.1:8080`, `[::1]:8080`, `/run/api.sock`. */
export function placeText(place: SocketPlace): string {
  if (place.kind === 'path') return place.path;
  const host = place.host ?? '*';
  return `${host.includes(':') ? `[${host}]` : host}:${place.port}`;
}

/** The address as far as it is known before it is bound. */
export function addressOfPlace(place: SocketPlace): SocketAddress {
  if (place.kind === 'path') return place;
  return { kind: 'tcp', host: place.host ?? '::', port: place.port };
}

export function bindRequestOf(place: SocketPlace): BindRequest {
  const usual = { flags: 0, readableAll: false, writableAll: false };
  if (place.kind === 'path') return { address: place.path, port: -1, addressType: -1, ...usual };
  const { host, port } = place;
  return { address: host, port, addressType: host?.includes(':') === true ? 6 : 4, ...usual };
}
