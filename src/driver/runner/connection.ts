import { createConnection, type Socket } from 'node:net';
import { FrameSplitter } from '../../lib/lines/frame-splitter.ts';
import {
  MAX_FRAME_BYTES,
  type RunnerErrorCode,
  type RunnerEvent,
  type RunnerFrame,
  type RunnerRequest,
  type RunnerResponse,
  type RunnerResult,
} from '../../runner/protocol/messages.ts';

/** What a request came to: the runner's answer, or that the connection went away before one came. */
export type Answer =
  | { readonly ok: true; readonly result: RunnerResult }
  | {
      readonly ok: false;
      readonly code: RunnerErrorCode | 'disconnected';
      readonly message: string;
      readonly hint?: string;
    };

export const DISCONNECTED: Answer = {
  ok: false,
  code: 'disconnected',
  message: 'the connection to the runner was lost',
};

export interface ConnectionHandlers {
  /** Called for each answer, before its request resolves and before the frame after it is looked at. */
  readonly onResult: (result: RunnerResult) => void;
  readonly onEvent: (event: RunnerEvent) => void;
  /** Called once, after every open request has been answered with `disconnected`. */
  readonly onClose: () => void;
}

/** One connection to a runner: requests matched with their answers, events handed on. */
export class RunnerConnection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  readonly #open = new Map<number, (answer: Answer) => void>();
  #nextId = 1;

  private constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    const frames = new FrameSplitter(
      MAX_FRAME_BYTES,
      (line) => this.#onLine(line),
      () => socket.destroy(),
    );
    socket.on('data', (chunk) => frames.write(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** Connects; rejects with the error of the socket when nobody listens. */
  static connect(path: string, handlers: ConnectionHandlers): Promise<RunnerConnection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RunnerConnection(socket, handlers));
      });
    });
  }

  request(request: RunnerRequest): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.resolve(DISCONNECTED);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#open.set(id, resolve);
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onLine(line: string): void {
    let frame: RunnerFrame;
    try {
      frame = JSON.parse(line) as RunnerFrame;
    } catch {
      this.#socket.destroy();
      return;
    }
    if ('event' in frame) this.#handlers.onEvent(frame);
    else this.#answer(frame);
  }

  #answer(response: RunnerResponse): void {
    const resolve = this.#open.get(response.id);
    this.#open.delete(response.id);
    if (response.ok) this.#handlers.onResult(response.result);
    resolve?.(response.ok ? response : { ok: false, ...response.error });
  }

  #closed(): void {
    for (const resolve of this.#open.values()) resolve(DISCONNECTED);
    this.#open.clear();
    this.#handlers.onClose();
  }
}
