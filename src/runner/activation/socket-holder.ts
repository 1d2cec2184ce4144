import {
  ALL_KEPT,
  END,
  KEEP,
  KEPT,
  LET_GO,
  type EndMessage,
  type KeepMessage,
  type LetGoMessage,
} from '../../holder/messages.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { Channel, type AgentMessage } from '../channel/channel.ts';
import type { OpenTransport } from '../channel/transport.ts';
import type { SocketHandle } from '../sockets/bind-socket.ts';
import { formatAddress, parseAddress } from '../sockets/socket-address.ts';
import type { DeclaredState, Keeper } from './activation-sockets.ts';
import {
  endHolderOf,
  findHolder,
  startHolder,
  type HolderHost,
  type HolderRecord,
} from './holder-process.ts';
import { isListeningHandle, type ListeningHandle } from './listening-socket.ts';

export interface SocketHolderOptions extends HolderHost {
  /** All that is to be kept. */
  readonly states: () => readonly { readonly socket: DeclaredState; readonly handle: ListeningHandle }[];
  /** The holder of an earlier runner has given back a socket. */
  readonly onKept: (state: DeclaredState, handle: ListeningHandle) => void;
  /** It has given back all, or nobody will. */
  readonly onSettled: () => void;
  readonly log: (message: string) => void;
}

/** So long a start waits for a holder that lives, and has not come yet; later it is still welcome. */
const WAIT_MS = 10_000;
const LOOK_MS = 1_000;
const RESTART_MS = 100;

/**
 * A small process that has the sockets of apps open as well, and gives them to the next runner when this one has died.
 *
 *   (none) ──something to keep──▶ here ──ended──▶ (100 ms) ──something to keep──▶ here: told of everything
 *   awaited ──it comes──▶ here          here ──nothing left to keep──▶ ending ──ended──▶ (none)
 *      │                                                          └──something to keep: another in its place──▶ here
 *      └──10 s, or it is dead──▶ late ──it comes──▶ here
 *                                  └──something to keep: another is started in its place──▶ here
 */
export class SocketHolder implements Keeper {
  readonly #options: SocketHolderOptions;
  /** That of an earlier runner, until it has given back all. */
  #awaited: HolderRecord | null = null;
  /** Its time is over: nobody waits for it any more. */
  #late = false;
  #channel: Channel | null = null;
  /** It was told to end: what it is given now would go with it. */
  #ending = false;
  #restarting = false;
  #closed = false;
  #settle: () => void = () => undefined;
  settled: Promise<void> = Promise.resolve();

  constructor(options: SocketHolderOptions) {
    this.#options = options;
  }

  /** From now on the holder of an earlier runner can come. Resolves when it has, or after `ms` milliseconds. */
  begin(ms: number): Promise<void> {
    const { clock, paths, processes, onSettled } = this.#options;
    this.#awaited = findHolder(paths.socketHolder, processes);
    if (this.#awaited === null) {
      onSettled();
      this.#ensure();
      return Promise.resolve();
    }
    const settled = new Promise<void>((resolve) => (this.#settle = resolve));
    this.settled = settled;
    this.#wait(WAIT_MS);
    if (ms === 0) return Promise.resolve();
    return Promise.race([settled, new Promise<void>((resolve) => clock.after(ms, resolve))]);
  }

  /** Whether this proves to be the holder that is waited for, or that has lost its channel. */
  isMissed(nonce: string): boolean {
    return this.#channel === null && this.#awaited?.nonce === nonce;
  }

  arrived(open: OpenTransport): void {
    this.#open(open);
  }

  hold(state: DeclaredState, handle: ListeningHandle): void {
    if (this.#ending) this.#gone();
    if (this.#channel === null) this.#ensure();
    else this.#tell(this.#channel, state, handle);
  }

  drop(key: string): void {
    this.#channel?.send({ cmd: LET_GO, key } satisfies LetGoMessage);
    if (this.#options.states().length === 0) this.#end();
  }

  /** Nothing is to be kept any more: this process ends. */
  close(): void {
    this.#closed = true;
    this.#end();
    // What waits to be sent is lost with this process.
    endHolderOf(this.#options.paths.socketHolder, this.#options.processes);
  }

  #end(): void {
    if (this.#channel === null) return;
    this.#ending = true;
    this.#channel.send({ cmd: END } satisfies EndMessage);
  }

  /** For the one that is awaited, until it has come, is dead, or this time is over. */
  #wait(ms: number): void {
    const { clock, paths, processes } = this.#options;
    clock.after(Math.min(ms, LOOK_MS), () => {
      if (this.#awaited === null) return;
      const left = ms - LOOK_MS;
      if (left > 0 && findHolder(paths.socketHolder, processes) !== null) this.#wait(left);
      else {
        this.#late = true;
        this.#settled();
      }
    });
  }

  #ensure(): void {
    const { states, log } = this.#options;
    const isAwaited = this.#awaited !== null && !this.#late;
    const isThere = this.#channel !== null || isAwaited || this.#restarting;
    if (this.#closed || isThere || states().length === 0) return;
    this.#awaited = null;
    try {
      this.#open(startHolder(this.#options));
    } catch (error) {
      log(`nobody keeps the sockets of apps, should this process be killed: ${errorMessage(error)}`);
      this.#later();
      return;
    }
    this.#tellAll();
  }

  #tellAll(): void {
    const channel = this.#channel;
    if (channel === null) return;
    for (const { socket, handle } of this.#options.states()) this.#tell(channel, socket, handle);
  }

  #tell(channel: Channel, { key, address, ...rest }: DeclaredState, handle: ListeningHandle): void {
    const state = { ...rest, address: formatAddress(address) };
    channel.sendHandle({ cmd: KEEP, key, state } satisfies KeepMessage, handle, (received) => {
      if (!received) this.#options.log(`${state.address} is not kept for the next runner`);
    });
  }

  #open(open: OpenTransport): void {
    const { clock } = this.#options;
    const channel = new Channel(open, {
      clock,
      onMessage: () => undefined,
      onAgentMessage: (message, handle) => this.#onMessage(message, handle),
      onDropped: () => undefined,
      onClose: () => {
        if (this.#channel !== channel) return;
        this.#gone();
        this.#later();
      },
    });
    this.#channel = channel;
  }

  #onMessage(message: AgentMessage, handle: SocketHandle | null): void {
    if (message.cmd === KEPT) {
      const state = stateOf(message);
      if (state !== null && isListeningHandle(handle)) this.#options.onKept(state, handle);
      else handle?.close();
      return;
    }
    handle?.close();
    if (message.cmd === ALL_KEPT && this.#awaited !== null) {
      this.#awaited = null;
      this.#settled();
    }
  }

  #gone(): void {
    this.#channel = null;
    this.#ending = false;
  }

  /** It has come and said all, or nobody waits for it any more. */
  #settled(): void {
    this.#options.onSettled();
    this.#settle();
    if (this.#channel === null) this.#ensure();
    // What was bound or closed since then.
    else this.#tellAll();
  }

  #later(): void {
    if (this.#closed || this.#restarting) return;
    this.#restarting = true;
    this.#options.clock.after(RESTART_MS, () => {
      this.#restarting = false;
      this.#ensure();
    });
  }
}

/** Null: nothing that can be a socket of an app. */
function stateOf({ key, state }: AgentMessage): DeclaredState | null {
  if (typeof key !== 'string' || typeof state !== 'object' || state === null) return null;
  const { app, address, backlog, file } = state as Readonly<Record<string, unknown>>;
  const parsed = typeof address === 'string' ? parseAddress(address) : null;
  if (typeof app !== 'string' || parsed === null || typeof backlog !== 'number') return null;
  return { key, app, address: parsed, backlog, file: typeof file === 'string' ? file : null };
}
