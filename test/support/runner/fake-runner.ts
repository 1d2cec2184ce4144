import { createServer, type Server, type Socket } from 'node:net';
import type { RunnerRequestFrame } from '../../../src/runner/protocol/messages.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';

/** What a runner says in answer to a hello: its result, or its error. */
export type Welcome = Readonly<Record<string, unknown>>;

/** A runner of protocol 1 says this. */
export const WELCOME: Welcome = { kind: 'hello', protocol: 1, version: '9', pid: 7, epoch: 'e1' };

/** A runner on paper, at a socket: answers hello and list, and what else a test tells it to. */
export class FakeRunner implements AsyncDisposable {
  readonly path: string;
  readonly requests: RunnerRequestFrame[] = [];
  /** Stopped: it reads nothing and says nothing. */
  #hung: (() => void)[] | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #onRequest: ((request: RunnerRequestFrame, socket: Socket) => void) | undefined;

  constructor(
    path: string,
    { instances = [], welcome = WELCOME }: { instances?: readonly RunnerInstance[]; welcome?: Welcome } = {},
  ) {
    this.path = path;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.setEncoding('utf8');
      socket.on('error', () => undefined);
      socket.on('data', (text: string) => {
        if (this.#hung === undefined) take(text);
        else this.#hung.push(() => take(text));
      });
      const take = (text: string): void => {
        for (const line of text.split('\n').filter(Boolean)) {
          const request = JSON.parse(line) as RunnerRequestFrame;
          this.requests.push(request);
          const answer = (said: object): void =>
            void socket.write(`${JSON.stringify({ id: request.id, ...said })}\n`);
          if (request.kind === 'hello') {
            answer('code' in welcome ? { ok: false, error: welcome } : { ok: true, result: welcome });
          } else if (request.kind === 'list') answer({ ok: true, result: { kind: 'list', instances } });
          else if (request.kind === 'ping') answer({ ok: true, result: { kind: 'done' } });
          else this.#onRequest?.(request, socket);
        }
      };
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.path, resolve));
  }

  answerWith(handler: (request: RunnerRequestFrame, socket: Socket) => void): void {
    this.#onRequest = handler;
  }

  send(frame: unknown): void {
    this.sendText(`${JSON.stringify(frame)}\n`);
  }

  sendText(text: string): void {
    for (const socket of this.#sockets) socket.write(text);
  }

  hang(): void {
    this.#hung ??= [];
  }

  /** Goes on with all that has come meanwhile. */
  wake(): void {
    const late = this.#hung ?? [];
    this.#hung = undefined;
    for (const take of late) take();
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
