import { errnoOf } from './bind-socket.ts';
import type { ListenRequest, Refused } from './listen-request.ts';
import { formatAddress, isSameAddress, type SocketAddress } from './socket-address.ts';

/** Who has an address. */
export interface Holder {
  readonly app: string;
  readonly address: SocketAddress;
  readonly lost?: boolean;
  /** It is one of the `sockets` of the app. */
  readonly declared?: boolean;
}

/** Says who has the address that is asked for. */
export function inUse(holder: Holder, request: ListenRequest): Refused {
  return { errno: errnoOf('EADDRINUSE'), note: inUseNote(holder, request.app, wantedAddress(request)) };
}

/** The same for a person; `wanted`: the address that the app `by` asks for, as far as it is known. */
export function inUseNote(
  { app, address, lost = false, declared = false }: Holder,
  by: string,
  wanted: SocketAddress | null,
): string {
  const what = wanted !== null && isSameAddress(address, wanted) ? 'it' : formatAddress(address);
  const notes = {
    other: `the app ${app} has ${what}`,
    own: `this app has ${what} already`,
    declared: `this app has ${what} as one of its sockets: it is to listen on that descriptor`,
    lost: `instances of this app that an earlier runner started hold ${what} until they end`,
  };
  if (app !== by) return notes.other;
  if (lost) return notes.lost;
  return declared ? notes.declared : notes.own;
}

/** The address as far as it is known before it is bound; null: any port will do. */
export function wantedAddress({ address, port, addressType }: ListenRequest): SocketAddress | null {
  if (addressType === -1) return { kind: 'path', path: address ?? '' };
  if (port === 0) return null;
  const kind = addressType === 'udp4' || addressType === 'udp6' ? 'udp' : 'tcp';
  return { kind, host: address ?? (addressType === 'udp4' ? '0.0.0.0' : '::'), port };
}
