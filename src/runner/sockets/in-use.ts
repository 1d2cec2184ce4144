import { errnoOf } from './bind-socket.ts';
import type { ListenRequest, Refused } from './listen-request.ts';
import { formatAddress, isSameAddress, type SocketAddress } from './socket-address.ts';

/** Who has an address. */
export interface Holder {
  readonly app: string;
  readonly address: SocketAddress;
  readonly lost?: boolean;
}

/** Says who has the address that is asked for. */
export function inUse({ app, address, lost = false }: Holder, request: ListenRequest): Refused {
  const wanted = wantedAddress(request);
  const what = wanted !== null && isSameAddress(address, wanted) ? 'it' : formatAddress(address);
  const notes = {
    other: `the app ${app} has ${what}`,
    own: `this app has ${what} already`,
    lost: `instances of this app that an earlier runner started hold ${what} until they end`,
  };
  const note = app !== request.app ? notes.other : lost ? notes.lost : notes.own;
  return { errno: errnoOf('EADDRINUSE'), note };
}

/** The address as far as it is known before it is bound; null: any port will do. */
export function wantedAddress({ address, port, addressType }: ListenRequest): SocketAddress | null {
  if (addressType === -1) return { kind: 'path', path: address ?? '' };
  if (port === 0) return null;
  const kind = addressType === 'udp4' || addressType === 'udp6' ? 'udp' : 'tcp';
  return { kind, host: address ?? (addressType === 'udp4' ? '0.0.0.0' : '::'), port };
}
