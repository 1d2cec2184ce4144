import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Who has connected, as far as it can be known. */
export interface Client {
  /** An address; of IPv6 the network that one customer has. */
  readonly address: string;
  readonly isSecure: boolean;
}

/** `behindProxy`: the proxy says it, in the last entry of its headers; what stands before that is the client's own word. */
export function clientOf({ socket, headers }: IncomingMessage, behindProxy: boolean): Client {
  const direct = { address: network(socket.remoteAddress ?? 'local'), isSecure: isTls(socket) };
  if (!behindProxy) return direct;
  const address = lastOf(headers['x-forwarded-for']);
  const scheme = lastOf(headers['x-forwarded-proto']);
  return {
    address: address === undefined ? direct.address : network(address),
    isSecure: scheme === undefined ? direct.isSecure : scheme === 'https',
  };
}

function isTls(socket: IncomingMessage['socket']): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

function lastOf(header: string | string[] | undefined): string | undefined {
  const last = [header ?? []].flat().join(',').split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}

/** An address of IPv4 as it is; of IPv6 its first half, of which everybody has all the others. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter((part) => part !== '');
  const after = (tail ?? '').split(':').filter((part) => part !== '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after].slice(0, 4).join(':');
}
