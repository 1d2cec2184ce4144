import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type {
  RunnerEvent,
  RunnerFrame,
  RunnerRequest,
  RunnerResponse,
  RunnerResult,
} from '../../../src/runner/protocol/messages.ts';
import type { SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { EventQueue } from '../event-queue.ts';

type Notice = Extract<RunnerEvent, { event: 'notice' }>;

/** Speaks the runner's protocol, for tests. */
export class RunnerClient {
  readonly closed: Promise<void>;
  /** Of the runner, as it says. */
  runnerPid = 0;
  /** Every response and event that was received, as it came. */
  readonly frames = new EventQueue<RunnerFrame>();
  /** All that have come, waited for or not. */
  readonly notices: Notice[] = [];
  readonly #socket: Socket;
  #nextId = 1;

  /** Connects and says hello; as the controller unless told otherwise. */
  static async connect(path: string, { controller = true } = {}): Promise<RunnerClient> {
    const client = await RunnerClient.connectSilently(path);
    const hello = { kind: 'hello', protocol: 1, version: 'test', controller } as const;
    // A runner that has just been killed may still have let us in.
    const gone = client.closed.then(() => {
      throw new Error('the runner let the connection go');
    });
    client.runnerPid = (await Promise.race([client.call(hello, 'hello'), gone])).pid;
    gone.catch(() => undefined);
    return client;
  }

  static async connectSilently(path: string): Promise<RunnerClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new RunnerClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const frame = JSON.parse(line) as RunnerFrame;
        if ('event' in frame && frame.event === 'notice') this.notices.push(frame);
        this.frames.push(frame);
      }
    });
  }

  async request(request: RunnerRequest): Promise<RunnerResponse> {
    const id = this.#nextId++;
    this.sendRaw(`${JSON.stringify({ id, ...request })}\n`);
    return (await this.frames.next((frame) => 'id' in frame && frame.id === id)) as RunnerResponse;
  }

  /** Sends a request and gives its result; rejects with `code: message` when it is refused. */
  async call<K extends RunnerResult['kind']>(
    request: RunnerRequest & { kind: string },
    kind?: K,
  ): Promise<Extract<RunnerResult, { kind: K }>> {
    const response = await this.request(request);
    if (!response.ok) throw new Error(`${response.error.code}: ${response.error.message}`);
    if (kind !== undefined && response.result.kind !== kind) throw new Error(`got ${response.result.kind}`);
    return response.result as Extract<RunnerResult, { kind: K }>;
  }

  async spawn(spec: SpawnSpec): Promise<RunnerInstance> {
    return (await this.call({ kind: 'spawn', spec }, 'instance')).instance;
  }

  async list(): Promise<readonly RunnerInstance[]> {
    return (await this.call({ kind: 'list' }, 'list')).instances;
  }

  /** The next report that `nonce` is in `state` and that was not waited for yet. */
  async nextState(nonce: string, state: RunnerInstance['state']): Promise<RunnerInstance> {
    const frame = await this.frames.next(
      (candidate) =>
        'event' in candidate &&
        candidate.event === 'instance' &&
        candidate.instance.nonce === nonce &&
        candidate.instance.state === state,
    );
    return (frame as Extract<RunnerEvent, { event: 'instance' }>).instance;
  }

  /** The next line of an instance, of which `is` is true, that was not waited for yet. */
  async nextInstance(is: (instance: RunnerInstance) => boolean): Promise<RunnerInstance> {
    const frame = await this.frames.next(
      (candidate) => 'event' in candidate && candidate.event === 'instance' && is(candidate.instance),
    );
    return (frame as Extract<RunnerEvent, { event: 'instance' }>).instance;
  }

  async nextNotice(code: Notice['code']): Promise<Notice> {
    return (await this.frames.next(
      (frame) => 'event' in frame && frame.event === 'notice' && frame.code === code,
    )) as Notice;
  }

  sendRaw(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Stops to take in what the runner sends. */
  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }
}
