import { createServer } from 'node:net';
import type { Clock } from '../../lib/clocks/clock.ts';
import { keepSocket } from '../../lib/sockets/keep-socket.ts';
import { Connection, type ConnectionHandlers } from './connection.ts';
import type { Processes } from '../processes/processes.ts';
import { listenPrivately } from './listen-privately.ts';
import { ControllerPulse } from './controller-pulse.ts';
import type { RunnerEvent, RunnerRequestFrame, RunnerResult } from '../protocol/messages.ts';

const MAX_CONNECTIONS = 64;

export type HelloRequest = Extract<RunnerRequestFrame, { kind: 'hello' }>;
export type OtherRequest = Exclude<RunnerRequestFrame, { kind: 'hello' | 'ping' }>;

export interface ServerHandlers {
  /** Who we are; throws a RequestError for a client that is not to be served. */
  readonly onHello: (hello: HelloRequest) => RunnerResult;
  /** When one of the others may be met. */
  readonly turnOf: (request: OtherRequest) => Promise<void>;
  /** Every other request. */
  readonly onRequest: (request: OtherRequest) => Promise<RunnerResult>;
  readonly onControllerConnected: (supervised: boolean) => void;
  readonly onControllerLost: () => void;
  readonly onConnectionClosed: () => void;
  readonly log: (message: string) => void;
  readonly clock: Clock;
  readonly processes: Processes;
}

/** The runner's socket: any number of clients, of which the newest that says so is the controller. */
export class RunnerServer {
  readonly #handlers: ServerHandlers;
  readonly #connections = new Set<Connection>();
  #controller: Connection | undefined;
  /** Ends a controller that has fallen silent. */
  readonly #pulse: ControllerPulse;
  /** There were too many, and it was said. */
  #isCrowded = false;
  #close: () => void = () => undefined;

  constructor(handlers: ServerHandlers) {
    this.#handlers = handlers;
    this.#pulse = new ControllerPulse(handlers);
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Listens at `path`; whoever calls holds the lock of the home, so that a socket that is there is a dead one's. */
  async listen(path: string): Promise<void> {
    const handlers: ConnectionHandlers = {
      turnOf: async (request) => {
        if (request.kind !== 'hello' && request.kind !== 'ping') await this.#handlers.turnOf(request);
      },
      onRequest: (connection, request) => this.#onRequest(connection, request),
      onClose: (connection) => this.#onClose(connection),
      log: this.#handlers.log,
    };
    const server = createServer((socket) => {
      const connection = new Connection(socket, handlers);
      this.#connections.add(connection);
      if (this.#connections.size > MAX_CONNECTIONS) this.#letOneGo(connection);
    });
    // Out of descriptors: a moment later there may be some, and the runner must not end of it.
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'accept') this.#handlers.log(`cannot accept a connection: ${error.message}`);
    });
    const listen = (): Promise<void> => listenPrivately(server, path);
    await listen();
    const release = keepSocket({ server, path, listen, log: this.#handlers.log });
    this.#close = () => {
      release();
      server.close();
    };
  }

  broadcast(event: RunnerEvent): void {
    for (const connection of this.#connections) if (connection.greeted) connection.send(event);
  }

  close(): void {
    this.#close();
  }

  /** Who has not even said hello, the longest there first, keeps nobody else out; where all have, the newest goes. */
  #letOneGo(newest: Connection): void {
    const leaving = [...this.#connections].find((one) => one !== newest && !one.greeted) ?? newest;
    this.#connections.delete(leaving);
    leaving.close(this.#isCrowded ? null : 'too many connections');
    this.#isCrowded = true;
  }

  #onRequest(connection: Connection, request: RunnerRequestFrame): Promise<RunnerResult> {
    if (request.kind === 'ping') return Promise.resolve({ kind: 'done' });
    if (request.kind !== 'hello') return this.#handlers.onRequest(request);
    const welcome = this.#handlers.onHello(request);
    this.#greet(connection, request);
    return Promise.resolve(welcome);
  }

  #greet(connection: Connection, { controller, supervised = false, pid }: HelloRequest): void {
    connection.greeted = true;
    if (!controller || connection === this.#controller) return;
    const previous = this.#controller;
    this.#controller = connection;
    previous?.close('a newer controller has come');
    if (pid !== undefined) this.#pulse.follow(connection, pid);
    else this.#pulse.stop();
    this.#handlers.onControllerConnected(supervised);
  }

  #onClose(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size < MAX_CONNECTIONS) this.#isCrowded = false;
    if (connection === this.#controller) {
      this.#controller = undefined;
      this.#pulse.stop();
      this.#handlers.onControllerLost();
    }
    this.#handlers.onConnectionClosed();
  }
}
