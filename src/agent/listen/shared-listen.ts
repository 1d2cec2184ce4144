import {
  becomeWorker,
  type GotHandle,
  type ListenHandle,
  type ListeningServer,
  type ServerQuery,
} from './cluster-hook.ts';
import { HeldSocket, type Given, type HeldFields, type Wanted } from './held-socket.ts';
import { wholeAddress } from './listen-address.ts';
import { emitListenError } from './listen-error.ts';
import { ListenIndexes } from './listen-indexes.ts';
import { listenAlone } from './own-socket.ts';
import { takeTurns } from './take-turns.ts';
import { heedTraffic, type Accepting } from './traffic-request.ts';
import { standIn } from '../drain/listen-handle.ts';
import {
  CLOSED,
  HOLD,
  isCommand,
  LISTEN,
  LISTENING,
  SHARED_VARIABLE,
  SOCKET,
  type HeldSocket as HeldMessage,
  type ListenNotice,
  type ListenRequest,
  type SocketAnswer,
} from '../protocol.ts';

/** So long who wants to listen waits for the next runner, before it listens alone. */
const NEXT_RUNNER_MS = 2_000;
/** As long as a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

type Send = (message: unknown, ...rest: unknown[]) => boolean;

export interface SharedListening extends Accepting {
  /** There is nobody any more who could be asked, and nobody will come. */
  readonly channelClosed: () => void;
  /** There is nobody who could be asked until another runner comes. */
  readonly channelLost: () => void;
  /** Another runner is there: it gets the sockets, and hears what was asked meanwhile. */
  readonly channelBack: () => void;
}

/**
 * Has the runner bind what the app listens on, where the runner said so: every instance of the app accepts from the
 * same sockets. Null: this process listens for itself, and paid nothing.
 */
export function shareListening(target: NodeJS.Process): SharedListening | null {
  if (target.env[SHARED_VARIABLE] === undefined) return null;
  Reflect.deleteProperty(target.env, SHARED_VARIABLE);
  // Before Node 20.16 there is no way in; one instance serves there all the same.
  if (!Reflect.has(target, 'getBuiltinModule')) return null;
  return target.send === undefined ? null : new SharedListen(target, target.send.bind(target) as Send);
}

interface Waiting {
  readonly what: Wanted;
  readonly granted: (handle: ListenHandle, data: unknown) => void;
  readonly refused: (errno: number, note: string | null) => void;
  readonly alone: () => void;
}

/**
 *   listen() ──LISTEN──▶ waiting ──handle──▶ listening ──close()──▶ CLOSED is said
 *                           ├──refused──▶ 'error' on the server
 *                           └──channel closed, or lost for too long──▶ binds for itself
 *
 * While the channel is lost, who wants to listen waits; the next runner gets every socket, and then hears of who waits.
 */
class SharedListen implements SharedListening {
  readonly #target: NodeJS.Process;
  readonly #send: Send;
  readonly #indexes = new ListenIndexes();
  readonly #waiting = new Map<number, Waiting>();
  readonly #servers = new Set<ListeningServer>();
  /** What is listened on, by the id under which it was asked for. */
  readonly #held = new Map<number, HeldSocket>();
  #lost: NodeJS.Timeout | undefined;
  readonly #worker: { readonly listens: () => void };
  #nextId = 1;
  #accepts = true;

  constructor(target: NodeJS.Process, send: Send) {
    this.#target = target;
    this.#send = send;
    this.#worker = becomeWorker(target, {
      getServer: (server, query, callback) => this.#getServer(server, query, callback),
      closeAll: (callback) => this.#closeAll(callback),
    });
    heedTraffic(target, this);
    (target as NodeJS.EventEmitter).on('internalMessage', (message: unknown, handle: unknown) => {
      if (!isCommand(message, SOCKET)) return;
      this.#onAnswer(message as unknown as SocketAnswer, handle as ListenHandle | undefined);
    });
  }

  channelLost(): void {
    clearTimeout(this.#lost);
    this.#lost = setTimeout(() => this.channelClosed(), NEXT_RUNNER_MS);
    this.#lost.unref();
  }

  channelBack(): void {
    this.#giveUpWaiting();
    for (const [id, { what, server, handle }] of this.#held) {
      const data = server._getServerData?.() ?? null;
      const held: HeldMessage = { cmd: HOLD, id, ...what, data };
      this.#send(held, handle, undefined, () => undefined);
    }
    for (const [id, { what }] of this.#waiting) this.#say({ cmd: LISTEN, id, ...what });
  }

  channelClosed(): void {
    this.#giveUpWaiting();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { alone } of waiting) alone();
  }

  #giveUpWaiting(): void {
    clearTimeout(this.#lost);
    this.#lost = undefined;
  }

  #getServer(server: ListeningServer, query: ServerQuery, callback: GotHandle): void {
    const { fd } = query;
    const isOpen = typeof fd === 'number' && fd >= 0;
    const isThere = this.#target.connected || this.#lost !== undefined;
    if (isOpen || !isThere) listenAlone(server, query, callback);
    else this.#ask(server, query, callback);
  }

  #ask(server: ListeningServer, query: ServerQuery, callback: GotHandle): void {
    const id = this.#nextId++;
    const address = wholeAddress(query);
    const port = Number(query.port ?? 0);
    const { addressType, flags, readableAll, writableAll } = query;
    const { index, release } = this.#indexes.take(JSON.stringify([address, port, addressType]));
    const listeningId = server._listeningId;
    const origin = {};
    Error.captureStackTrace(origin);
    const isCurrent = (): boolean => server._listeningId === listeningId;
    // Nothing else need keep the process: without a cluster it would listen by now.
    const keepAlive = setInterval(() => undefined, FOR_EVER_MS);
    const answered = (act: () => void): void => {
      clearInterval(keepAlive);
      act();
    };
    const data = server._getServerData?.() ?? null;
    const what = { address, port, addressType, flags: flags ?? 0, index, data, readableAll, writableAll };
    this.#waiting.set(id, {
      what,
      granted: (handle, data) =>
        answered(() => {
          this.#listen({ id, server, what }, { handle, release }, () => {
            if (data !== null) server._setServerData?.(data);
            callback(0, handle);
          });
        }),
      refused: (errno, note) =>
        answered(() => {
          release();
          // dgram makes its own error.
          if (server._listeningId === undefined) callback(errno);
          else if (isCurrent()) emitListenError(server, { errno, note, address, port, origin });
        }),
      alone: () =>
        answered(() => {
          release();
          if (isCurrent()) listenAlone(server, query, callback);
        }),
    });
    this.#say({ cmd: LISTEN, id, ...what });
  }

  #listen(fields: HeldFields, { handle, release }: Given, listen: () => void): void {
    const { id, server } = fields;
    const held = new HeldSocket(fields, handle, () => {
      this.#held.delete(id);
      release();
      // One that is drained has given up its socket, and is still to be closed.
      process.nextTick(() => server.listening !== true && this.#servers.delete(server));
      this.#say({ cmd: CLOSED, id });
    });
    this.#servers.add(server);
    listen();
    // Whoever could not listen after all, or has been closed while it waited, has closed what it was given.
    if (!held.open) return;
    this.#held.set(id, held);
    takeTurns(server, handle);
    this.#worker.listens();
    this.#say({ cmd: LISTENING, id });
    if (!this.#accepts) this.#rest(held, () => undefined);
  }

  accept(accept: boolean, settled: (accepts: boolean) => void): void {
    this.#accepts = accept;
    const settle = (): void => {
      const held = [...this.#held.values()].filter(({ server }) => server._listeningId !== undefined);
      if (held.some(({ id }) => this.#waiting.has(id))) return;
      settled(held.length === 0 || held.some(({ rests }) => !rests));
    };
    for (const held of this.#held.values()) {
      if (accept) held.resume();
      else this.#rest(held, settle);
    }
    settle();
  }

  /** Asks for the socket once more, to have it when it is to listen again, whoever lives then. */
  #rest(held: HeldSocket, settle: () => void): void {
    const { id, what, server } = held;
    if (held.rests || this.#waiting.has(id) || server._listeningId === undefined) return;
    const goOn = (): void => settle();
    const granted = (spare: ListenHandle): void => {
      if (this.#accepts || !held.open) spare.close();
      else held.rest(spare, standIn);
      this.#say({ cmd: held.open ? LISTENING : CLOSED, id });
      settle();
    };
    this.#waiting.set(id, { what, granted, refused: goOn, alone: goOn });
    this.#say({ cmd: LISTEN, id, ...what });
  }

  #onAnswer({ id, errno, note, data }: SocketAnswer, handle: ListenHandle | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) handle?.close();
    else if (handle === undefined) waiting.refused(errno, note ?? null);
    else waiting.granted(handle, data ?? null);
  }

  #closeAll(callback: () => void): void {
    const servers = [...this.#servers];
    let left = servers.length;
    if (left === 0) setImmediate(callback);
    const closed = (): void => {
      left -= 1;
      if (left === 0) callback();
    };
    for (const server of servers) server.close(closed);
  }

  #say(message: ListenRequest | ListenNotice): void {
    if (this.#target.connected) this.#send(message, () => undefined);
  }
}
