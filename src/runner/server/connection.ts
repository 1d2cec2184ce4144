import type { Socket } from 'node:net';
import { FrameSplitter } from '../../lib/lines/frame-splitter.ts';
import {
  MAX_FRAME_BYTES,
  type RunnerFrame,
  type RunnerRequestFrame,
  type RunnerResult,
} from '../protocol/messages.ts';
import { RequestError } from '../protocol/request-error.ts';
import { parseRequest } from '../protocol/requests.ts';
import { sharedNow } from '../../lib/clocks/shared-clock.ts';
import { errorMessage } from '../../lib/system-error.ts';

/** A reader that is this far behind is let go; it comes back and lists. */
const MAX_UNSENT_BYTES = 2 * MAX_FRAME_BYTES;
/** Requests of one connection that may be under way at once. */
const MAX_UNANSWERED = 4_096;

export interface ConnectionHandlers {
  /** Resolves when a request that is no hello may be met. */
  readonly turnOf: (request: RunnerRequestFrame) => Promise<void>;
  /** Meets a request; throws a RequestError when it cannot. */
  readonly onRequest: (connection: Connection, request: RunnerRequestFrame) => Promise<RunnerResult>;
  readonly onClose: (connection: Connection) => void;
  readonly log: (message: string) => void;
}

/** One client of the runner. Whatever it sends, the worst that happens is that it is let go. */
export class Connection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  #unanswered = 0;
  #heard = false;
  /** What was not carried out because its time was over, until it is told in one line. */
  #late: string[] = [];
  /** It has said hello: it gets events, and its other requests are met. */
  greeted = false;

  constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    const frames = new FrameSplitter(
      MAX_FRAME_BYTES,
      (line) => this.#onLine(line),
      () => this.close(`a line of more than ${MAX_FRAME_BYTES} bytes`),
    );
    socket.on('data', (chunk) => {
      this.#heard = true;
      if (!socket.destroyed) frames.write(chunk);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => handlers.onClose(this));
  }

  /** Whether something came since this was last asked. */
  takeHeard(): boolean {
    const heard = this.#heard;
    this.#heard = false;
    return heard;
  }

  send(frame: RunnerFrame): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(`${JSON.stringify(frame)}\n`);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.close('it does not read what it is sent');
  }

  /** `why`: for the log; null: it has been said. */
  close(why: string | null): void {
    if (why !== null) this.#handlers.log(`let a connection go: ${why}`);
    this.#socket.destroy();
  }

  #onLine(line: string): void {
    const fields = parseObject(line);
    const id = typeof fields?.id === 'number' ? fields.id : 0;
    if (fields === null || typeof fields.id !== 'number') {
      this.#refuse(id, new RequestError('bad-request', 'expected a JSON object with an id'));
      return;
    }
    if (this.#unanswered >= MAX_UNANSWERED) {
      this.#refuse(id, new RequestError('busy', 'too many requests at once'));
      return;
    }
    this.#unanswered++;
    void this.#answer(id, fields).finally(() => this.#unanswered--);
  }

  async #answer(id: number, fields: Record<string, unknown>): Promise<void> {
    try {
      const request = parseRequest(fields);
      if (!this.greeted && request.kind !== 'hello') throw new RequestError('bad-request', 'say hello first');
      if (request.kind !== 'hello') await this.#handlers.turnOf(request);
      this.#refuseIfLate(request);
      this.send({ id, ok: true, result: await this.#handlers.onRequest(this, request) });
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  /** What its sender has given up must not be carried out: this runner was stopped, or its loop was busy. */
  #refuseIfLate({ kind, deadline }: RunnerRequestFrame): void {
    if (deadline === undefined || sharedNow() <= deadline) return;
    this.#late.push(kind);
    if (this.#late.length === 1) setImmediate(() => this.#tellOfLate());
    throw new RequestError('expired', `its time was over before the runner came to it: ${kind}`);
  }

  #tellOfLate(): void {
    const kinds = [...new Set(this.#late)].sort().join(', ');
    this.#handlers.log(`${this.#late.length} requests came too late and were not carried out: ${kinds}`);
    this.#late = [];
  }

  #refuse(id: number, error: unknown): void {
    if (!(error instanceof RequestError)) this.#handlers.log(`internal error: ${errorMessage(error)}`);
    const { code, hint } = error instanceof RequestError ? error : UNEXPECTED;
    const message = errorMessage(error);
    this.send({ id, ok: false, error: { code, message, ...(hint !== undefined && { hint }) } });
  }
}

/** What a mistake of our own is told as. */
const UNEXPECTED = { code: 'bad-request', hint: undefined } as const;

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
