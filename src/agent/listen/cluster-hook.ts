import type { Cluster, Worker } from 'node:cluster';
import type { EventEmitter } from 'node:events';

/** What net and dgram of Node hand to a cluster's worker to listen with. Internal. */
export interface ServerQuery {
  /** IP address, path of a Unix socket, or nothing: every address. */
  readonly address?: string | null;
  readonly port?: number | string | null;
  readonly addressType?: number | string | null;
  readonly fd?: number | null;
  readonly flags?: number | null;
  readonly backlog?: number;
  readonly readableAll?: boolean;
  readonly writableAll?: boolean;
}

/** What libuv listens with. */
export interface ListenHandle {
  close(callback?: () => void): void;
}

export type GotHandle = (errno: number, handle?: ListenHandle | null) => void;

/** A server of net or a socket of dgram; the parts that are used here. */
export interface ListeningServer extends EventEmitter {
  /** Differs after each listen() and close(). */
  readonly _listeningId?: number;
  readonly _listen2?: (...args: unknown[]) => void;
  /** Of net alone. */
  readonly listening?: boolean;
  /** How many it has open. */
  readonly _connections?: number;
  readonly _getServerData?: () => unknown;
  readonly _setServerData?: (data: unknown) => void;
  close(callback?: () => void): unknown;
}

export type GetServer = (server: ListeningServer, query: ServerQuery, callback: GotHandle) => void;

export interface ClusterHook {
  readonly getServer: GetServer;
  /** Closes every server that listens through it; calls back when they have closed. */
  readonly closeAll: (callback: () => void) => void;
}

/** What only a primary has. */
const OF_PRIMARY = ['fork', 'setupPrimary', 'setupMaster', 'disconnect', 'workers', 'settings'] as const;

/**
 * Makes this process a worker, as the app and Node's own net see it: what listens asks `hook`. Gives what is to be
 * called when it listens for the first time.
 */
export function becomeWorker(target: NodeJS.Process, hook: ClusterHook): { readonly listens: () => void } {
  const cluster = target.getBuiltinModule('node:cluster') as unknown as Cluster;
  const worker = makeWorker(cluster, target, hook);
  const fields = { isPrimary: false, isMaster: false, isWorker: true, worker, _getServer: hook.getServer };
  Object.assign(cluster, fields);
  for (const name of OF_PRIMARY) Reflect.deleteProperty(cluster, name);
  target.getBuiltinModule('node:module').syncBuiltinESMExports();
  return { listens: () => void Reflect.set(worker, 'state', 'listening') };
}

/** Events of the process that a worker has too; taken when somebody asks, as a listener keeps the channel open. */
const FORWARDED: readonly unknown[] = ['message', 'disconnect', 'error'];

function makeWorker(cluster: Cluster, target: NodeJS.Process, { closeAll }: ClusterHook): Worker {
  const Emitter = target.getBuiltinModule('node:events');
  const { prototype } = Reflect.get(cluster, 'Worker') as { readonly prototype: object };
  const worker = Object.setPrototypeOf(new Emitter(), prototype) as Worker;
  const forwarded = new Set<unknown>();
  worker.on('newListener', (event: unknown) => {
    if (!FORWARDED.includes(event) || forwarded.has(event)) return;
    forwarded.add(event);
    target.on(event as 'message', (...args) => worker.emit(event as 'message', ...args));
  });
  const leave = (): void => {
    if (target.connected) target.disconnect();
  };
  const destroy = (): void => {
    worker.exitedAfterDisconnect = true;
    leave();
    target.exit(0);
  };
  const disconnect = (): Worker => {
    worker.exitedAfterDisconnect = true;
    closeAll(leave);
    return worker;
  };
  const slot = Number(target.env.STATEWARD_SLOT ?? 0);
  const own = { id: slot + 1, process: target, state: 'online', destroy, kill: destroy, disconnect };
  return Object.assign(worker, { exitedAfterDisconnect: undefined, ...own });
}
