import type { Ending } from '../instances/background-rules.ts';
import type { OutputState } from '../output/instance-output.ts';
import type { DeclaredState } from '../activation/activation-sockets.ts';
import { isListeningHandle, type ListeningHandle } from '../activation/listening-socket.ts';
import type { SocketHandle } from '../sockets/bind-socket.ts';
import type { SocketState } from '../sockets/shared-sockets.ts';
import type { InstanceState } from './instance-state.ts';
import type { FromSuccessor, ToSuccessor } from './messages.ts';

/** What the runner before hands over with its last word. */
type Commit = Extract<ToSuccessor, { kind: 'commit' }>;
type Restore = Extract<ToSuccessor, { kind: 'restore' }>;

/** How it goes on, from the word of the one that started this process. */
export type Word = Restore | Commit | Extract<ToSuccessor, { kind: 'replace' }> | { readonly kind: 'gone' };

/** The runner before, or whoever else has started this one, at the other end of the IPC channel of this process. */
export class Predecessor {
  readonly instances = new Map<string, InstanceState>();
  readonly channels = new Map<string, { readonly handle: unknown; readonly rest: Buffer }>();
  readonly sockets: { readonly socket: SocketState; readonly handle: SocketHandle }[] = [];
  readonly declared: { readonly socket: DeclaredState; readonly handle: ListeningHandle }[] = [];
  readonly outputs = new Map<string, OutputState>();
  /** Resolves when it has ended, however. */
  readonly gone: Promise<void>;
  readonly #endings: [nonce: string, ending: Ending][] = [];
  readonly #words: Word[] = [];
  #onEnding: ((nonce: string, ending: Ending) => void) | null = null;
  #onWord: (word: Word) => void = (word) => this.#words.push(word);
  #parked = false;
  #onPark: () => void = () => (this.#parked = true);

  constructor(target: NodeJS.Process) {
    target.on('message', (message, handle) => this.#take(message as ToSuccessor, handle));
    this.gone = new Promise((resolve) => {
      const gone = (): void => {
        resolve();
        this.#onWord({ kind: 'gone' });
      };
      if (target.connected) target.once('disconnect', gone);
      else gone();
    });
  }

  /** The next that it has to say about how to go on. */
  word(): Promise<Word> {
    const word = this.#words.shift();
    if (word !== undefined) return Promise.resolve(word);
    return new Promise((resolve) => {
      this.#onWord = (next) => {
        this.#onWord = (later) => this.#words.push(later);
        resolve(next);
      };
    });
  }

  say(message: FromSuccessor): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }

  /** Calls back for each process that it has seen end, from the first on. */
  onEnding(listener: (nonce: string, ending: Ending) => void): void {
    this.#onEnding = listener;
    for (const [nonce, ending] of this.#endings.splice(0)) listener(nonce, ending);
  }

  /** Calls back when it was told that no controller is to be started. */
  onPark(listener: () => void): void {
    this.#onPark = listener;
    if (this.#parked) listener();
  }

  #take(message: ToSuccessor, handle: unknown): void {
    switch (message.kind) {
      case 'instance':
        this.instances.set(message.state.nonce, message.state);
        break;
      case 'channel':
        this.channels.set(message.nonce, { handle, rest: Buffer.from(message.rest, 'base64') });
        break;
      case 'socket':
        this.sockets.push({ socket: message.socket, handle: handle as SocketHandle });
        break;
      case 'declared-socket':
        if (isListeningHandle(handle)) this.declared.push({ socket: message.socket, handle });
        break;
      case 'output':
        this.outputs.set(message.nonce, message.output);
        break;
      case 'ended':
        if (this.#onEnding === null) this.#endings.push([message.nonce, message.ending]);
        else this.#onEnding(message.nonce, message.ending);
        break;
      case 'park':
        this.#onPark();
        break;
      case 'restore':
      case 'commit':
      case 'replace':
        this.#onWord(message);
        break;
      default:
        // A later build says more than is known here.
        break;
    }
  }
}
