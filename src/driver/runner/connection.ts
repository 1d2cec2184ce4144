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

/** What a request came to: the runner's answer, or that none came: the connection went away, or the runner is silent. */
export type Answer =
  | { readonly ok: true; readonly result: RunnerResult }
  | {
      readonly ok: false;
      readonly code: RunnerErrorCode | 'disconnected' | 'silent';
      readonly message: string;
      readonly hint?: string;
    };

export const DISCONNECTED: Answer = {
  ok: false,
  code: 'disconnected',
  message: 'the connection to the runner was lost',
};

export const SILENT: Answer = { ok: false, code: 'silent', message: 'the runner does not answer' };

/** Milliseconds in which the runner has to begin what it is asked for; then it does not. */
const LIMIT_MS = 5_000;
/** An answer to what was begun at the last moment has this long to arrive before it is given up. */
const MARGIN_MS = 1_000;
/** Questions harm nobody when they are answered late; and parking is meant for whenever the runner comes to it. */
const UNLIMITED: readonly RunnerRequest['kind'][] = ['hello', 'list', 'ping', 'park', 'hand-over'];

interface OpenRequest {
  readonly kind: RunnerRequest['kind'];
  /** As in the frame. */
  readonly deadline: number | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly onDone: (() => void) | undefined;
}

export interface ConnectionHandlers {
  /** Called with everything that comes, before it is looked at. */
  readonly onHeard: () => void;
  /** Called for each answer, before its request resolves and before the frame after it is looked at. */
  readonly onResult: (result: RunnerResult) => void;
  readonly onEvent: (event: RunnerEvent) => void;
  /** The clock of time limits: see RunnerRequestFrame. */
  readonly now: () => number;
  /** Called once, after every open request has been answered with `disconnected`. */
  readonly onClose: () => void;
}

/** One connection to a runner: requests matched with their answers, events handed on. */
export class RunnerConnection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  readonly #open = new Map<number, OpenRequest>();
  #nextId = 1;

  private constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    const frames = new FrameSplitter(
      MAX_FRAME_BYTES,
      (line) => this.#onLine(line),
      () => socket.destroy(),
    );
    socket.on('data', (chunk) => {
      handlers.onHeard();
      frames.write(chunk);
    });
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

  /** `onDone`: called when it was done, before the frame after the answer is looked at: what follows from it comes later. */
  request(request: RunnerRequest, onDone?: () => void): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.resolve(DISCONNECTED);
    const id = this.#nextId++;
    const { kind } = request;
    const deadline = UNLIMITED.includes(kind) ? undefined : this.#handlers.now() + LIMIT_MS;
    return new Promise((resolve) => {
      this.#open.set(id, { kind, deadline, resolve, onDone });
      this.#socket.write(
        `${JSON.stringify({ id, ...(deadline !== undefined && { deadline }), ...request })}\n`,
      );
    });
  }

  /** Gives up, of a runner that is silent, what it will not begin any more; and no longer waits for it to park. */
  giveUpLate(): void {
    const now = this.#handlers.now();
    for (const [id, { kind, deadline, resolve }] of this.#open) {
      if (deadline === undefined ? kind !== 'park' : now <= deadline + MARGIN_MS) continue;
      this.#open.delete(id);
      resolve(SILENT);
    }
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
    const request = this.#open.get(response.id);
    this.#open.delete(response.id);
    if (response.ok) {
      this.#handlers.onResult(response.result);
      request?.onDone?.();
    }
    request?.resolve(response.ok ? response : { ok: false, ...response.error });
  }

  #closed(): void {
    for (const { resolve } of this.#open.values()) resolve(DISCONNECTED);
    this.#open.clear();
    this.#handlers.onClose();
  }
}
