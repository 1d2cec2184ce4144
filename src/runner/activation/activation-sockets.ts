import { lstatSync, unlinkSync } from 'node:fs';
import { appOf, type Instance } from '../instances/instance.ts';
import type { SocketSpec } from '../protocol/orders.ts';
import { inUseNote, type Holder } from '../sockets/in-use.ts';
import { formatAddress, mayOverlap, parseAddress, type SocketAddress } from '../sockets/socket-address.ts';
import { applyPermissions, bindDeclared } from './bind-declared.ts';
import { addressOfPlace, keyOf, renamedKey } from './declared-socket.ts';
import {
  listenWithoutAccepting,
  makeBlocking,
  type Listening,
  type ListeningHandle,
} from './listening-socket.ts';

/** All of a declared socket but the socket itself, for who keeps it and for the next runner. */
export interface DeclaredState {
  readonly key: string;
  readonly app: string;
  readonly address: SocketAddress;
  readonly backlog: number;
  /** Of a Unix socket: which file it made, as the system numbers it. Null: none. */
  readonly file: string | null;
}

interface Declared extends DeclaredState {
  readonly handle: ListeningHandle;
  /** Processes that have it, by nonce. */
  readonly shares: Set<string>;
}

/** Who is told which sockets there are, so that they outlive this process. */
export interface Keeper {
  hold(state: DeclaredState, handle: ListeningHandle): void;
  drop(key: string): void;
  /** Resolves when it has given back what an earlier runner had, or will not any more. */
  readonly settled: Promise<void>;
}

export interface ActivationContext {
  readonly keeper: Keeper;
  /** All that the runner knows, by nonce. */
  readonly instances: () => Iterable<Instance>;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
  /** Who else of this home has an address; null: nobody. */
  readonly ownerOf: (address: SocketAddress, app: string) => string | null;
}

/**
 * The sockets that apps declare. Each is bound when the first process of its app is started, listens from then on, and is
 * passed to every process; nothing is ever taken from it here. While no process is there the kernel keeps what comes.
 *
 *   (none) ──a process is to start: bound──▶ listens ──not to be kept, and the last process ended──▶ (none): closed
 */
export class ActivationSockets {
  readonly #context: ActivationContext;
  readonly #sockets = new Map<string, Declared>();
  /** Keys of those that are to stay without any process; null: nobody has said, so all are. */
  #kept: Set<string> | null = null;
  /** One at a time: two starts of one app must not both bind. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: ActivationContext) {
    this.#context = context;
  }

  /**
   * The sockets for a process that is to be started, in their order; bound where they are not yet. Throws an Error that
   * says, for a person, which cannot be had.
   */
  take(instance: Instance, specs: readonly SocketSpec[]): Promise<readonly ListeningHandle[]> {
    const taken = this.#turn.then(() => this.#take(instance, specs));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** The process has ended, or was not started. */
  ended({ nonce }: Instance): void {
    for (const socket of this.#sockets.values()) {
      if (socket.shares.delete(nonce)) this.#closeIfUnused(socket);
    }
  }

  /** Says which sockets are to stay whether there is a process or not; all others go with their last one. */
  keep(apps: Readonly<Record<string, readonly SocketSpec[]>>): void {
    this.#kept = new Set(
      Object.entries(apps).flatMap(([app, specs]) => specs.map((spec) => keyOf(app, spec))),
    );
    for (const socket of this.#sockets.values()) this.#closeIfUnused(socket);
  }

  /** The app of an instance has another name now: its sockets go with it. */
  renamed(instance: Instance): void {
    const app = appOf(instance);
    for (const [key, socket] of this.#sockets) {
      if (socket.app === app || !socket.shares.has(instance.nonce)) continue;
      const own = renamedKey(app, key);
      const renamed = { ...socket, key: own, app };
      this.#sockets.delete(key);
      this.#sockets.set(own, renamed);
      if (this.#kept?.delete(key) === true) this.#kept.add(own);
      this.#context.keeper.hold(renamed, renamed.handle);
      this.#context.keeper.drop(key);
    }
  }

  states(): readonly { readonly socket: DeclaredState; readonly handle: ListeningHandle }[] {
    return [...this.#sockets.values()].map(({ handle, shares: _, ...socket }) => ({ socket, handle }));
  }

  /** Takes a socket that an earlier runner had, for all the processes that were started with it. */
  inherit(state: DeclaredState, handle: ListeningHandle): void {
    const known = this.#sockets.get(state.key);
    if (known !== undefined) {
      if (known.handle !== handle) handle.close();
      return;
    }
    const text = formatAddress(state.address);
    const shares = new Set<string>();
    for (const instance of this.#context.instances()) {
      const { activation, phase, nonce } = instance;
      if (phase.state === 'exited' || appOf(instance) !== state.app) continue;
      if (activation?.addresses.includes(text) === true) shares.add(nonce);
    }
    const { key, app, address, backlog, file } = state;
    const socket = { key, app, address, backlog, file, handle, shares };
    this.#sockets.set(key, socket);
    this.#closeIfUnused(socket);
  }

  /** Whether processes have sockets that are not here, so that somebody has to give them back. */
  get misses(): boolean {
    return [...this.#context.instances()].some((instance) => this.#lacks(instance));
  }

  /** This process ends, and no app lives: the files of Unix sockets go, as the sockets do. */
  close(): void {
    for (const { address, file } of this.#sockets.values()) {
      if (address.kind === 'path' && file !== null) removeFile(address.path, file);
    }
  }

  /** Nobody will give back anything any more, or all has come: what is missing now is lost. */
  settle(): void {
    for (const instance of this.#context.instances()) {
      if (instance.activation === null) continue;
      const lost = this.#lacks(instance);
      if (lost === instance.activation.lost) continue;
      instance.activation.lost = lost;
      this.#context.publishInstance(instance);
    }
  }

  /** All of them, as others may want their addresses. */
  holders(): readonly Holder[] {
    const own = [...this.#sockets.values()].map(({ app, address }) => ({ app, address, declared: true }));
    const lost = [...this.#context.instances()].flatMap((instance) =>
      instance.activation?.lost === true && instance.phase.state !== 'exited'
        ? instance.activation.addresses.flatMap((text) => lostHolder(appOf(instance), text) ?? [])
        : [],
    );
    return [...own, ...lost];
  }

  #lacks({ activation, phase, nonce }: Instance): boolean {
    if (activation === null || phase.state === 'exited') return false;
    const held = [...this.#sockets.values()].filter(({ shares }) => shares.has(nonce));
    return activation.addresses.some((text) => !held.some(({ address }) => formatAddress(address) === text));
  }

  async #take(instance: Instance, specs: readonly SocketSpec[]): Promise<readonly ListeningHandle[]> {
    const app = appOf(instance);
    const handles: ListeningHandle[] = [];
    const addresses: string[] = [];
    for (const spec of specs) {
      const socket = await this.#find(app, spec);
      if (socket.shares.size === 0) makeBlocking(socket.handle);
      socket.shares.add(instance.nonce);
      this.#kept?.add(socket.key);
      handles.push(socket.handle);
      addresses.push(formatAddress(socket.address));
    }
    instance.activation = { addresses, lost: false };
    return handles;
  }

  async #find(app: string, spec: SocketSpec): Promise<Declared> {
    const key = keyOf(app, spec);
    if (!this.#sockets.has(key)) await this.#context.keeper.settled;
    const known = this.#sockets.get(key);
    if (known === undefined) return this.#bind(key, app, spec);
    await applyPermissions(spec);
    if (known.backlog === spec.backlog) return known;
    listenWithoutAccepting(known.handle, spec.backlog);
    const changed = { ...known, backlog: spec.backlog };
    this.#put(changed);
    return changed;
  }

  async #bind(key: string, app: string, spec: SocketSpec): Promise<Declared> {
    const wanted = addressOfPlace(spec.place);
    const bound: Listening = await bindDeclared(spec, () => this.#ownerOf(wanted, app));
    const { backlog } = spec;
    const file = bound.address.kind === 'path' ? fileAt(bound.address.path) : null;
    const socket = { key, app, backlog, file, shares: new Set<string>(), ...bound };
    this.#put(socket);
    return socket;
  }

  #ownerOf(wanted: SocketAddress, app: string): string | null {
    const holder = this.holders().find(({ address }) => mayOverlap(address, wanted));
    return holder === undefined ? this.#context.ownerOf(wanted, app) : inUseNote(holder, app, wanted);
  }

  #put(socket: Declared): void {
    this.#sockets.set(socket.key, socket);
    this.#context.keeper.hold(socket, socket.handle);
  }

  #closeIfUnused({ key, handle, address, file, shares }: Declared): void {
    if (shares.size > 0 || this.#kept === null || this.#kept.has(key)) return;
    this.#sockets.delete(key);
    handle.close();
    this.#context.keeper.drop(key);
    if (address.kind === 'path' && file !== null) removeFile(address.path, file);
  }
}

/** Null: none. */
function fileAt(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/** Not one that somebody else has made since. */
function removeFile(path: string, file: string): void {
  try {
    if (fileAt(path) === file) unlinkSync(path);
  } catch {
    // Its folder is gone or closed to us: the next who binds there is told.
  }
}

function lostHolder(app: string, text: string): Holder | null {
  const address = parseAddress(text);
  return address === null ? null : { app, address, lost: true };
}
