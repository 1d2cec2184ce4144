import { errnoOf, type Bind, type BindRequest, type BoundSocket, type SocketHandle } from './bind-socket.ts';
import { keyOf, shareKey, socketKey, type SharedName } from './socket-key.ts';
import { formatAddress, isSameAddress, mayOverlap, type SocketAddress } from './socket-address.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** An app that asks for a socket: the `id`-th request of the instance `nonce`. */
export interface ListenRequest extends BindRequest, SharedName {
  readonly nonce: string;
  readonly id: number;
  /** What all that share it are to have in common: the ticket keys of TLS. */
  readonly data: unknown;
}

export interface Granted {
  readonly handle: SocketHandle;
  readonly data: unknown;
}

export interface Refused {
  /** As libuv numbers it. */
  readonly errno: number;
  /** For a person: who has the address. Null: nobody that is known here. */
  readonly note: string | null;
}

interface SharedSocket {
  readonly key: string;
  readonly app: string;
  readonly handle: SocketHandle;
  readonly address: SocketAddress;
  readonly data: unknown;
  readonly close: () => void;
  /** Those that have it, by `shareKey`. */
  readonly shares: Map<string, Share>;
}

interface Share {
  readonly nonce: string;
  listening: boolean;
}

/** An address that an instance has from an earlier runner. */
interface LostSocket {
  readonly app: string;
  readonly nonce: string;
  readonly address: SocketAddress;
}

/** What one instance may hold. */
const MAX_SHARES = 1_000;

/**
 * Who has which shared socket. Each is bound once, for the first instance of an app that asks, and closed when the last
 * that has it gives it back or ends:
 *
 *   (none) ──take: bound──▶ shared by 1 ◀──take, give back──▶ shared by n ──last gives back──▶ (none): closed
 */
export class SharedSockets {
  readonly #bind: Bind;
  readonly #sockets = new Map<string, SharedSocket>();
  #lost: LostSocket[] = [];

  constructor(bind: Bind) {
    this.#bind = bind;
  }

  take(request: ListenRequest): Granted | Refused {
    if (this.#countOf(request.nonce) >= MAX_SHARES) return { errno: errnoOf('EMFILE'), note: null };
    const key = socketKey(request);
    const known = this.#sockets.get(key);
    const socket = known ?? this.#create(key, request);
    if ('errno' in socket) return socket;
    socket.shares.set(shareKey(request), { nonce: request.nonce, listening: false });
    const { handle, data } = socket;
    return { handle, data };
  }

  /** Whether a request would be given a socket that is here already. */
  has(request: SharedName): boolean {
    return this.#sockets.has(socketKey(request));
  }

  /** Takes back what an instance has from an earlier runner, and listens on; one of several that hand over the same. */
  handedOver(request: ListenRequest, { handle, address }: BoundSocket, close: () => void): void {
    const { app, nonce, data } = request;
    const key = socketKey(request);
    const known = this.#sockets.get(key);
    const isSame = known !== undefined && isSameAddress(known.address, address);
    if (isSame) handle.close();
    // Bound meanwhile under the same name, as any port: this one is for those that have it.
    const own = known === undefined || isSame ? key : socketKey(request, formatAddress(address));
    const socket = isSame
      ? known
      : (this.#sockets.get(own) ?? {
          key: own,
          app,
          handle,
          address,
          data,
          close,
          shares: new Map<string, Share>(),
        });
    this.#sockets.set(own, socket);
    socket.shares.set(shareKey(request), { nonce, listening: true });
    this.#lost = this.#lost.filter((lost) => lost.nonce !== nonce || !isSameAddress(lost.address, address));
    failpoint('handover.socket');
  }

  /** The instance has handed over all that it has. */
  handedOverAll(nonce: string): void {
    this.#lost = this.#lost.filter((lost) => lost.nonce !== nonce);
  }

  /** The instance has begun to listen on what it was given. */
  listens(share: { readonly nonce: string; readonly id: number }): void {
    const key = shareKey(share);
    for (const { shares } of this.#sockets.values()) {
      const found = shares.get(key);
      if (found !== undefined) found.listening = true;
    }
  }

  giveBack(share: { readonly nonce: string; readonly id: number }): void {
    const key = shareKey(share);
    for (const socket of this.#sockets.values()) {
      if (socket.shares.delete(key)) this.#closeIfUnused(socket);
    }
  }

  /** The instance has ended. Gives the addresses of an earlier runner that nobody has any more. */
  ended(nonce: string): readonly SocketAddress[] {
    for (const socket of this.#sockets.values()) {
      for (const [key, share] of socket.shares) if (share.nonce === nonce) socket.shares.delete(key);
      this.#closeIfUnused(socket);
    }
    const mine = this.#lost.filter((lost) => lost.nonce === nonce);
    this.#lost = this.#lost.filter((lost) => lost.nonce !== nonce);
    const isHeld = (address: SocketAddress): boolean =>
      this.#lost.some((lost) => isSameAddress(lost.address, address));
    return mine.map(({ address }) => address).filter((address) => !isHeld(address));
  }

  /** What the instance has belongs to an app of this name now, as do all that share it. */
  rename(nonce: string, app: string): void {
    for (const [key, socket] of this.#sockets) {
      const isMine = [...socket.shares.values()].some((share) => share.nonce === nonce);
      if (!isMine || socket.app === app) continue;
      this.#sockets.delete(key);
      const renamed = keyOf(app, key);
      this.#sockets.set(renamed, { ...socket, key: renamed, app });
    }
    this.#lost = this.#lost.map((lost) => (lost.nonce === nonce ? { ...lost, app } : lost));
  }

  /** Notes what an instance of an earlier runner listens on. */
  addLost(lost: LostSocket): void {
    this.#lost.push(lost);
  }

  /** What an instance listens on, in order. */
  addressesOf(nonce: string): readonly string[] {
    const addresses = [...this.#sockets.values()]
      .filter(({ shares }) => [...shares.values()].some((share) => share.nonce === nonce && share.listening))
      .map(({ address }) => formatAddress(address));
    return [...new Set(addresses)].sort();
  }

  #create(key: string, request: ListenRequest): SharedSocket | Refused {
    const { app, data } = request;
    const wanted = wantedAddress(request);
    // Two sockets may be bound to one address as long as neither listens: the kernel would complain too late.
    const holder =
      wanted === null ? undefined : this.#holders().find((held) => isSameAddress(held.address, wanted));
    if (holder !== undefined) return inUse(holder, request);
    const bound = this.#bind(request);
    if (typeof bound === 'number') return this.#refused(bound, request);
    const close = (): void => bound.handle.close();
    const socket = { key, app, data, close, shares: new Map<string, Share>(), ...bound };
    this.#sockets.set(key, socket);
    return socket;
  }

  #refused(errno: number, request: ListenRequest): Refused {
    const wanted = wantedAddress(request);
    if (errno !== errnoOf('EADDRINUSE') || wanted === null) return { errno, note: null };
    const holder = this.#holders().find((held) => mayOverlap(held.address, wanted));
    return holder === undefined ? { errno, note: null } : inUse(holder, request);
  }

  #holders(): readonly Holder[] {
    return [...this.#sockets.values(), ...this.#lost.map((lost) => ({ ...lost, lost: true }))];
  }

  #countOf(nonce: string): number {
    let count = 0;
    for (const { shares } of this.#sockets.values()) {
      for (const share of shares.values()) if (share.nonce === nonce) count++;
    }
    return count;
  }

  #closeIfUnused({ key, close, shares }: SharedSocket): void {
    if (shares.size > 0) return;
    this.#sockets.delete(key);
    close();
  }
}

interface Holder {
  readonly app: string;
  readonly address: SocketAddress;
  readonly lost?: boolean;
}

function inUse({ app, address, lost = false }: Holder, request: ListenRequest): Refused {
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
function wantedAddress({ address, port, addressType }: ListenRequest): SocketAddress | null {
  if (addressType === -1) return { kind: 'path', path: address ?? '' };
  if (port === 0) return null;
  const kind = addressType === 'udp4' || addressType === 'udp6' ? 'udp' : 'tcp';
  return { kind, host: address ?? (addressType === 'udp4' ? '0.0.0.0' : '::'), port };
}
