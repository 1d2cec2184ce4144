/** Where a socket is bound; the port is the one that it has, never 0. */
export type SocketAddress =
  | { readonly kind: 'tcp' | 'udp'; readonly host: string; readonly port: number }
  /** A Unix socket; one that begins with NUL is in no folder. */
  | { readonly kind: 'path'; readonly path: string };

const UDP_SUFFIX = '/udp';

/** `127.0.0.1:3000`, `[::]:3000`, `[::]:53/udp`, `/run/api.sock`, `@abstract`. */
export function formatAddress(address: SocketAddress): string {
  if (address.kind === 'path') return address.path.replace(/^\0/, '@');
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}${address.kind === 'udp' ? UDP_SUFFIX : ''}`;
}

/** The address that `formatAddress` wrote, or null when it is none. */
export function parseAddress(text: string): SocketAddress | null {
  if (text.startsWith('/')) return { kind: 'path', path: text };
  if (text.startsWith('@')) return { kind: 'path', path: `\0${text.slice(1)}` };
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+)):(?<port>\d+)(?<udp>\/udp)?$/.exec(text);
  const { six, four, port, udp } = match?.groups ?? {};
  const host = six ?? four;
  if (host === undefined) return null;
  return { kind: udp === undefined ? 'tcp' : 'udp', host, port: Number(port) };
}

export function isSameAddress(one: SocketAddress, other: SocketAddress): boolean {
  return formatAddress(one) === formatAddress(other);
}

/** Whether both may claim the same connections: whether they do is for the kernel to say. */
export function mayOverlap(one: SocketAddress, other: SocketAddress): boolean {
  if (one.kind === 'path' || other.kind === 'path') return isSameAddress(one, other);
  if (one.kind !== other.kind || one.port !== other.port) return false;
  return one.host === other.host || isWildcard(one.host) || isWildcard(other.host);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
