import {
  becomeWorker,
  type GotHandle,
  type ListenHandle,
  type ListeningServer,
  type ServerQuery,
} from './cluster-hook.ts';
import { listenError } from './listen-error.ts';
import { ListenIndexes } from './listen-indexes.ts';
import { listenAlone } from './own-socket.ts';
import {
  CLOSED,
  isCommand,
  LISTEN,
  LISTENING,
  SHARED_VARIABLE,
  SOCKET,
  type ListenNotice,
  type ListenRequest,
  type SocketAnswer,
} from '../protocol.ts';

/** As long as a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

type Send = (message: unknown, ...rest: unknown[]) => boolean;

export interface SharedListening {
  /** There is nobody any more who could be asked. */
  readonly channelClosed: () => void;
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
  readonly granted: (handle: ListenHandle, data: unknown) => void;
  readonly refused: (errno: number, note: string | null) => void;
  readonly alone: () => void;
}

/**
 *   listen() ──LISTEN──▶ waiting ──handle──▶ listening ──close()──▶ CLOSED is said
 *                           ├──refused──▶ 'error' on the server
 *                           └──channel lost──▶ binds for itself
 */
class SharedListen implements SharedListening {
  readonly #target: NodeJS.Process;
  readonly #send: Send;
  readonly #indexes = new ListenIndexes();
  readonly #waiting = new Map<number, Waiting>();
  readonly #servers = new Set<ListeningServer>();
  readonly #worker: { readonly listens: () => void };
  #nextId = 1;

  constructor(target: NodeJS.Process, send: Send) {
    this.#target = target;
    this.#send = send;
    this.#worker = becomeWorker(target, {
      getServer: (server, query, callback) => this.#getServer(server, query, callback),
      closeAll: (callback) => this.#closeAll(callback),
    });
    (target as NodeJS.EventEmitter).on('internalMessage', (message: unknown, handle: unknown) => {
      if (isAnswer(message)) this.#onAnswer(message, handle as ListenHandle | undefined);
    });
  }

  channelClosed(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { alone } of waiting) alone();
  }

  #getServer(server: ListeningServer, query: ServerQuery, callback: GotHandle): void {
    const { fd } = query;
    const isOpen = typeof fd === 'number' && fd >= 0;
    if (isOpen || !this.#target.connected) listenAlone(server, query, callback);
    else this.#ask(server, query, callback);
  }

  #ask(server: ListeningServer, query: ServerQuery, callback: GotHandle): void {
    const id = this.#nextId++;
    const address = addressOf(query);
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
    this.#waiting.set(id, {
      granted: (handle, data) =>
        answered(() => {
          this.#listen({ id, server, handle, release }, () => {
            if (data !== null) server._setServerData?.(data);
            callback(0, handle);
          });
        }),
      refused: (errno, note) =>
        answered(() => {
          release();
          // dgram makes its own error.
          if (server._listeningId === undefined) callback(errno);
          else if (isCurrent()) emitError(server, listenError({ errno, note, address, port, origin }));
        }),
      alone: () =>
        answered(() => {
          release();
          if (isCurrent()) listenAlone(server, query, callback);
        }),
    });
    const data = server._getServerData?.() ?? null;
    const what = { address, port, addressType, flags: flags ?? 0, index, data, readableAll, writableAll };
    this.#say({ cmd: LISTEN, id, ...what });
  }

  #listen({ id, server, handle, release }: Listener, listen: () => void): void {
    const close = handle.close.bind(handle);
    let open = true;
    const value = (callback?: () => void): void => {
      if (open) {
        open = false;
        release();
        // One that is drained has given up its socket, and is still to be closed.
        process.nextTick(() => server.listening !== true && this.#servers.delete(server));
        this.#say({ cmd: CLOSED, id });
      }
      close(callback);
    };
    Object.defineProperty(handle, 'close', { value, enumerable: false, configurable: true, writable: true });
    this.#servers.add(server);
    listen();
    // Whoever could not listen after all, or has been closed while it waited, has closed what it was given.
    if (!isOpen()) return;
    this.#worker.listens();
    this.#say({ cmd: LISTENING, id });

    function isOpen(): boolean {
      return open;
    }
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

interface Listener {
  readonly id: number;
  readonly server: ListeningServer;
  readonly handle: ListenHandle;
  /** Gives back its number. */
  readonly release: () => void;
}

/** The runner has another folder: a path is to be whole. One that begins with NUL is in no folder. */
function addressOf({ address, addressType }: ServerQuery): string | null {
  if (address === undefined || address === null || address === '') return null;
  if (addressType !== -1 || address.startsWith('\0')) return address;
  return process.getBuiltinModule('node:path').resolve(address);
}

/** With nothing of ours on the stack that an app which does not listen to it dies with. */
function emitError(server: ListeningServer, error: Error): void {
  process.nextTick(server.emit.bind(server), 'error', error);
}

function isAnswer(message: unknown): message is SocketAnswer {
  return isCommand(message, SOCKET);
}
