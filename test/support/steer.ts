/**
 * Steers child programs from a test, without sleeping:
 *
 *   const steer = await Steer.listen(folder);          // folder: a short temporary path
 *   ... start `node steer.program` with steer.env in its environment, however deep down ...
 *   const child = await steer.nextChild();             // it has connected: child.pid, child.ready.env, .argv, .cwd
 *   await child.write('stdout', 'hello\n');            // resolves when the child has handed it to the system
 *   await child.catchSignals('SIGTERM');               // live through it; then: await child.next('signal')
 *   await child.grandchild({ detached: true });        // a copy of it; arrives through nextChild()
 *   child.exit(3);                                     // or child.crash(), child.allocate(bytes)
 *   await child.gone;                                  // its end of the socket has closed: the process has ended
 *   steer.close();                                     // every child that is left ends
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventQueue } from './event-queue.ts';

export interface ChildReady {
  readonly pid: number;
  readonly ppid: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

interface ChildEvent {
  readonly event: string;
  readonly id?: number;
  readonly signal?: string;
}

export interface GrandchildOptions {
  /** In a session of its own: no signal to the group reaches it. */
  readonly detached?: boolean;
  /** Whether it holds the streams of its parent. */
  readonly stdio?: 'inherit' | 'ignore';
  /** Its whole environment, else its parent's. */
  readonly env?: Readonly<Record<string, string>>;
}

export class SteeredChild {
  readonly ready: ChildReady;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #events = new EventQueue<ChildEvent>();
  #nextId = 1;

  constructor(socket: Socket, ready: ChildReady) {
    this.#socket = socket;
    this.ready = ready;
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  get pid(): number {
    return this.ready.pid;
  }

  /** The next event of this name that has not been waited for yet. */
  next(event: string): Promise<ChildEvent> {
    return this.#events.next((candidate) => candidate.event === event);
  }

  async write(stream: 'stdout' | 'stderr', text: string | Buffer): Promise<void> {
    await this.#command({ do: 'write', stream, base64: Buffer.from(text).toString('base64') });
  }

  async catchSignals(...signals: NodeJS.Signals[]): Promise<void> {
    await this.#command({ do: 'catch', signals });
  }

  async grandchild({ detached = false, stdio = 'ignore', env }: GrandchildOptions = {}): Promise<void> {
    await this.#command({ do: 'grandchild', detached, stdio, ...(env && { env }) });
  }

  async allocate(bytes: number): Promise<void> {
    await this.#command({ do: 'allocate', bytes });
  }

  exit(code: number): void {
    this.#send({ do: 'exit', code });
  }

  crash(): void {
    this.#send({ do: 'crash' });
  }

  receive(event: ChildEvent): void {
    this.#events.push(event);
  }

  async #command(command: object): Promise<void> {
    const id = this.#send(command);
    await this.#events.next((event) => event.event === 'done' && event.id === id);
  }

  #send(command: object): number {
    const id = this.#nextId++;
    this.#socket.write(`${JSON.stringify({ id, ...command })}\n`);
    return id;
  }
}

export class Steer {
  /** The steered program: run it with `process.execPath`. */
  readonly program = fileURLToPath(new URL('fixtures/steered-child.cjs', import.meta.url));
  /** To be in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrivals = new EventQueue<SteeredChild>();

  static async listen(folder: string): Promise<Steer> {
    const path = join(folder, 'steer.sock');
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    return new Steer(server, path);
  }

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.env = { STEER_SOCKET: path };
    server.on('connection', (socket) => this.#onConnection(socket));
  }

  /** The next program that connects and has not been waited for yet. */
  nextChild(): Promise<SteeredChild> {
    return this.#arrivals.next(() => true);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    let child: SteeredChild | undefined;
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as ChildEvent & ChildReady;
        if (child !== undefined) child.receive(event);
        else this.#arrivals.push((child = new SteeredChild(socket, event)));
      }
    });
  }
}
