import type { ListenFields } from '../protocol.ts';
import type { StandIn, standIn } from '../drain/listen-handle.ts';
import type { ListenHandle, ListeningServer } from './cluster-hook.ts';

/** What is asked for, whichever of the requests it is. */
export type Wanted = Omit<ListenFields, 'id'>;

export interface HeldFields {
  /** Of the request that it was given for. */
  readonly id: number;
  /** As it was asked for. */
  readonly what: Wanted;
  readonly server: ListeningServer;
}

/** The socket, and what gives back its number. */
export interface Given {
  readonly handle: ListenHandle;
  readonly release: () => void;
}

/**
 * A shared socket that this process has.
 *
 *   listens ──rest──▶ rests: the socket is still here, and nothing is taken from it ──resume──▶ listens
 *      └──the server closes it, or drains──▶ closed ◀──────────────┘
 */
export class HeldSocket {
  readonly id: number;
  readonly what: Wanted;
  readonly server: ListeningServer;
  readonly #onClose: () => void;
  #handle: ListenHandle;
  /** Of the handle, past what is put in its place. */
  #close: (callback?: () => void) => void = () => undefined;
  #backlog: unknown;
  #standIn: StandIn | null = null;
  #open = true;

  constructor({ id, what, server }: HeldFields, handle: ListenHandle, onClose: () => void) {
    this.id = id;
    this.what = what;
    this.server = server;
    this.#onClose = onClose;
    this.#handle = handle;
    this.#own(handle);
  }

  get handle(): ListenHandle {
    return this.#handle;
  }

  get open(): boolean {
    return this.#open;
  }

  get rests(): boolean {
    return this.#standIn !== null;
  }

  /**
   * Takes nothing any more, and the server does not notice. A handle cannot be stopped, only closed: `spare` is the same
   * socket once more, to go on with.
   */
  rest(spare: ListenHandle, makeStandIn: typeof standIn): void {
    const before = this.#handle;
    const close = this.#close;
    this.#standIn = makeStandIn(before, () => {
      if (this.#standIn !== null) spare.close();
    });
    for (const name of [...ownerOf(before), 'onconnection']) {
      Reflect.set(spare, name, Reflect.get(before, name));
    }
    this.#handle = spare;
    this.#own(spare);
    Reflect.set(this.server, '_handle', this.#standIn);
    close();
  }

  /** Takes connections again. */
  resume(): void {
    const standIn = this.#standIn;
    if (standIn === null || !this.#open) return;
    this.#standIn = null;
    Reflect.set(this.server, '_handle', this.#handle);
    if (!standIn.hasRef()) call(this.#handle, 'unref');
    standIn.close();
    call(this.#handle, 'listen', this.#backlog);
  }

  /** Hears of its end, and how many connections may wait. */
  #own(handle: ListenHandle): void {
    const close = handle.close.bind(handle);
    this.#close = close;
    put(handle, 'close', (callback?: () => void): void => {
      if (this.#open) {
        this.#open = false;
        this.#onClose();
      }
      close(callback);
    });
    const listen: unknown = Reflect.get(handle, 'listen');
    if (typeof listen !== 'function') return;
    put(handle, 'listen', (backlog: unknown): unknown => {
      this.#backlog = backlog;
      return Reflect.apply(listen, handle, [backlog]) as unknown;
    });
  }
}

function put(handle: ListenHandle, name: string, value: unknown): void {
  Object.defineProperty(handle, name, { value, enumerable: false, configurable: true, writable: true });
}

function call(handle: ListenHandle, name: 'listen' | 'unref', ...args: readonly unknown[]): void {
  const method: unknown = Reflect.get(handle, name);
  if (typeof method === 'function') Reflect.apply(method, handle, args);
}

/** Where a handle has its server. Internal: by it Node finds whom a connection is for, and which servers there are. */
function ownerOf(handle: ListenHandle): readonly symbol[] {
  return Object.getOwnPropertySymbols(handle).filter(({ description }) => description === 'owner_symbol');
}
