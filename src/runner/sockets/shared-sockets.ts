import { errnoOf, type Bind, type BoundSocket, type SocketHandle } from './bind-socket.ts';
import type { ListenRequest, Refused } from './listen-request.ts';
import { inUse, wantedAddress, type Holder } from './in-use.ts';
import { keyOf, shareKey, socketKey, type SharedName } from './socket-key.ts';
import { formatAddress, isSameAddress, mayOverlap, type SocketAddress } from './socket-address.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

export interface Granted {
  readonly handle: SocketHandle;
  readonly data: unknown;
  /** It had this one already, and is given it once more. */
  readonly again: boolean;
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

/** All of a shared socket but the socket itself, for the next runner. */
export interface SocketState {
  readonly key: string;
  readonly app: string;
  readonly address: SocketAddress;
  readonly data: unknown;
  readonly shares: readonly (readonly [key: string, share: Readonly<Share>])[];
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
  readonly #others: () => readonly Holder[];
  readonly #sockets = new Map<string, SharedSocket>();
  #lost: LostSocket[] = [];

  /** `others`: who has addresses besides. */
  constructor(bind: Bind, others: () => readonly Holder[] = () => []) {
    this.#bind = bind;
    this.#others = others;
  }

  /** Who shares, or has lost, a socket at this address, or at one that overlaps it. */
  holderOf(address: SocketAddress): Holder | undefined {
    return this.#shared().find((held) => mayOverlap(held.address, address));
  }

  /** All of them, with the handles that another process can be given. */
  states(): readonly { readonly socket: SocketState; readonly handle: SocketHandle }[] {
    return [...this.#sockets.values()].map(({ key, app, address, data, shares, handle }) => ({
      socket: { key, app, address, data, shares: [...shares] },
      handle,
    }));
  }

  /** Takes one from the runner before, with all who have it. */
  inherit({ key, app, address, data, shares }: SocketState, handle: SocketHandle, close: () => void): void {
    const own = new Map(shares.map(([id, share]) => [id, { ...share }]));
    this.#sockets.set(key, { key, app, address, data, handle, close, shares: own });
    const nonces = new Set(shares.map(([, { nonce }]) => nonce));
    this.#lost = this.#lost.filter(
      (lost) => !nonces.has(lost.nonce) || !isSameAddress(lost.address, address),
    );
  }

  take(request: ListenRequest): Granted | Refused {
    if (this.#countOf(request.nonce) >= MAX_SHARES) return { errno: errnoOf('EMFILE'), note: null };
    const key = socketKey(request);
    const known = this.#sockets.get(key);
    const socket = known ?? this.#create(key, request);
    if ('errno' in socket) return socket;
    const { handle, data, shares } = socket;
    const again = shares.has(shareKey(request));
    if (!again) shares.set(shareKey(request), { nonce: request.nonce, listening: false });
    return { handle, data, again };
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
    return [...this.#shared(), ...this.#others()];
  }

  #shared(): readonly Holder[] {
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
