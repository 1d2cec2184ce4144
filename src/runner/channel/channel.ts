import { AGENT_PREFIX } from '../../agent/protocol.ts';
import type { SocketHandle } from '../sockets/bind-socket.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { Credit } from './credit.ts';
import { FrameSplitter } from '../../lib/lines/frame-splitter.ts';
import type { ChannelHandle, OpenTransport, Transport } from './transport.ts';

/** What the agent says of itself, and not the app: `cmd` begins with NODE_STATEWARD_. */
export interface AgentMessage {
  readonly cmd: string;
  readonly [field: string]: unknown;
}

export interface ChannelHandlers {
  readonly clock: Clock;
  readonly onMessage: (message: unknown) => void;
  /** `handle`: the socket that came along, the listener's to close. */
  readonly onAgentMessage: (message: AgentMessage, handle: SocketHandle | null) => void;
  /** Messages were dropped; called once. */
  readonly onDropped: () => void;
  readonly onClose: () => void;
}

/** Longest message that is taken. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Deepest nesting of a message: JSON can be read at any depth, and written at some thousands only. */
const MAX_DEPTH = 500;
/** What comes faster is dropped, so that an app cannot drown those who listen. */
const MESSAGES = { burst: 200, perSecond: 100 };
/** Somebody waits for an answer to these: one that sends more of them than an agent ever would is not heard again. */
const AGENT_MESSAGES = { burst: 2_000, perSecond: 500 };

/** Node looks no further either: what begins so is not for the app. */
const INTERNAL = '{"cmd":"NODE_';

/**
 * Our end of the channel of a Node process: JSON, one message a line, as `process.send` of Node writes it. Read here and
 * not by Node's own `ipc`, because an app can write anything: lines are bounded, and what is not a message is passed over.
 */
export class Channel {
  readonly #transport: Transport;
  readonly #frames: FrameSplitter;
  readonly #handlers: ChannelHandlers;
  readonly #messages: Credit;
  readonly #agentMessages: Credit;
  /** Who wants to know whether a handle has arrived, in the order in which they were sent. */
  readonly #handleAnswers: ((received: boolean) => void)[] = [];
  /** The socket that came with the last bytes: it belongs to the next message that says it has one. */
  #pending: SocketHandle | null = null;
  #dropped = false;
  #open = true;
  #deaf = false;

  constructor(open: OpenTransport, handlers: ChannelHandlers) {
    this.#handlers = handlers;
    this.#messages = new Credit(handlers.clock, MESSAGES);
    this.#agentMessages = new Credit(handlers.clock, AGENT_MESSAGES);
    this.#frames = new FrameSplitter(
      MAX_MESSAGE_BYTES,
      (line) => this.#onLine(line),
      // It may be in the midst of a line of any length: nothing that follows can be made sense of.
      () => this.#giveUp(),
    );
    this.#transport = open({
      onBytes: (chunk) => {
        if (!this.#deaf) this.#frames.write(chunk);
      },
      onHandle: (handle) => {
        this.#pending?.close();
        this.#pending = handle;
      },
      onHandleAnswer: (received) => this.#onHandleAnswer(received),
      onClose: () => {
        this.#open = false;
        this.#takePending()?.close();
        handlers.onClose();
      },
    });
  }

  get open(): boolean {
    return this.#open;
  }

  /** False: it has not read what it was sent before, and this was not sent. */
  send(message: unknown): boolean {
    return this.#open && !this.#transport.full && this.#transport.write(message);
  }

  /** Sends a socket along; `onAnswer` hears whether it has arrived. False: it cannot be sent. */
  sendHandle(message: unknown, handle: SocketHandle, onAnswer: (received: boolean) => void): boolean {
    if (!this.#open || !this.#transport.write(message, handle)) return false;
    this.#handleAnswers.push(onAnswer);
    return true;
  }

  /**
   * Reads and sends nothing until `resume`, for another process to go on with it; null: that cannot be, as something is
   * on its way. `rest`: what has come of a message that has not ended.
   */
  suspend(): { readonly handle: ChannelHandle; readonly rest: Buffer } | null {
    const handle = this.#open && !this.#deaf ? this.#transport.suspend() : null;
    return handle === null || this.#pending !== null ? null : { handle, rest: this.#frames.rest };
  }

  resume(): void {
    if (this.#open) this.#transport.resume();
  }

  /** Begins where another runner has stopped. */
  goOnFrom(rest: Buffer): void {
    this.#frames.write(rest);
  }

  /** Ends it: the process is left to itself, as when the runner ends. */
  close(): void {
    this.#deaf = true;
    this.#transport.close();
  }

  #onLine(line: string): void {
    if (this.#deaf) return;
    const internal = line.startsWith(INTERNAL);
    if (!internal && !this.#messages.take()) {
      this.#drop();
      return;
    }
    if (internal && !this.#agentMessages.take()) {
      this.#giveUp();
      return;
    }
    const message = parseMessage(line);
    if (isDeeper(message, MAX_DEPTH)) this.#drop();
    else if (isInternal(message)) this.#onInternal(message);
    else if (message !== undefined) this.#handlers.onMessage(message);
  }

  #onInternal(message: AgentMessage): void {
    if (message.cmd.startsWith(AGENT_PREFIX)) {
      this.#handlers.onAgentMessage(message, null);
    } else if (message.cmd === 'NODE_HANDLE') {
      const handle = this.#takePending();
      // Without an answer all else that it sends would wait.
      this.send({ cmd: 'NODE_HANDLE_ACK' });
      this.#onMessageWithHandle(message.msg, handle);
    } else if (message.cmd === 'NODE_HANDLE_ACK' || message.cmd === 'NODE_HANDLE_NACK') {
      this.#onHandleAnswer(message.cmd === 'NODE_HANDLE_ACK');
    }
  }

  /** What an agent sends along is looked at; nobody wants the sockets of an app. */
  #onMessageWithHandle(message: unknown, handle: SocketHandle | null): void {
    if (isInternal(message) && message.cmd.startsWith(AGENT_PREFIX)) {
      this.#handlers.onAgentMessage(message, handle);
      return;
    }
    handle?.close();
    if (message !== undefined) this.#handlers.onMessage(message);
  }

  #takePending(): SocketHandle | null {
    const handle = this.#pending;
    this.#pending = null;
    return handle;
  }

  #onHandleAnswer(received: boolean): void {
    const onAnswer = this.#handleAnswers.shift();
    this.#transport.handleAnswered(received);
    onAnswer?.(received);
  }

  #giveUp(): void {
    this.#drop();
    this.close();
  }

  #drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#handlers.onDropped();
  }
}

function parseMessage(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

function isInternal(message: unknown): message is AgentMessage {
  if (typeof message !== 'object' || message === null || !('cmd' in message)) return false;
  return typeof message.cmd === 'string' && message.cmd.startsWith('NODE_');
}
