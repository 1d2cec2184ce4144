import { CLOSED, HOLD, LISTEN, LISTENING, SOCKET, type SocketAnswer } from '../../agent/protocol.ts';
import {
  addressOf,
  bindSocket,
  errnoOf,
  type BindRequest,
  type SocketHandle,
} from '../sockets/bind-socket.ts';
import type { AgentMessage } from '../channel/channel.ts';
import type { Awaited } from '../handover/awaited.ts';
import { appOf, type Instance } from './instance.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import { inUseNote, type Holder } from '../sockets/in-use.ts';
import { removeStaleSocket } from '../sockets/stale-socket.ts';
import type { ListenRequest, Refused } from '../sockets/listen-request.ts';
import { SharedSockets, type SocketState } from '../sockets/shared-sockets.ts';
import { parseAddress, type SocketAddress } from '../sockets/socket-address.ts';

const ABOUT_SOCKETS: readonly string[] = [LISTEN, LISTENING, CLOSED, HOLD];

export interface SocketContext {
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
  /** Those that may yet hand over what they have. */
  readonly awaited: Awaited;
  /** The sockets that apps declare. */
  readonly declared: () => readonly Holder[];
}

/** Ports below are the system's. */
const FIRST_FREE_PORT = 1024;

/** Answers the instances that share sockets, and keeps in their lines what they listen on. */
export class SocketRequests {
  readonly #context: SocketContext;
  readonly #sockets: SharedSockets;
  /** What a process has written may be read after its end. */
  readonly #ended = new WeakSet<Instance>();
  /** Those of which not all has arrived that they handed over. */
  readonly #incomplete = new WeakSet<Instance>();
  /** Requests for what an instance may yet hand over. */
  #postponed: (() => void)[] = [];

  constructor(context: SocketContext) {
    this.#context = context;
    this.#sockets = new SharedSockets(bindSocket, context.declared);
    context.awaited.onSettle(() => this.#answerPostponed());
  }

  /** False: the message is about something else. `handle` came along and is looked after here. */
  onMessage(instance: Instance, message: AgentMessage, handle: SocketHandle | null): boolean {
    const { cmd, id } = message;
    const isSharing = instance.listening !== null && !this.#ended.has(instance);
    if (cmd === HOLD && isSharing && instance.handover !== 'complete') {
      if (!this.#takeBack(instance, message, handle)) this.#incomplete.add(instance);
      return true;
    }
    handle?.close();
    if (!ABOUT_SOCKETS.includes(cmd)) return false;
    if (!isSharing || typeof id !== 'number' || cmd === HOLD) return true;
    const share = { nonce: instance.nonce, id };
    if (cmd === LISTEN) {
      this.#answer(instance, id, message);
      return true;
    }
    if (cmd === LISTENING) this.#sockets.listens(share);
    else this.#sockets.giveBack(share);
    this.#update(instance);
    return true;
  }

  /** Takes in an instance of an earlier runner: what it listens on is its own now. */
  adopt(instance: Instance): void {
    for (const text of instance.listening ?? []) {
      const address = parseAddress(text);
      if (address !== null) this.#sockets.addLost({ app: appOf(instance), nonce: instance.nonce, address });
    }
    if (instance.phase.state === 'exited') this.ended(instance);
  }

  /** Who has an address that the app `by` wants, for a person; null: nobody that shares sockets. */
  ownerOf(address: SocketAddress, by: string): string | null {
    const holder = this.#sockets.holderOf(address);
    return holder === undefined ? null : inUseNote(holder, by, address);
  }

  /** All shared sockets, for the next runner. */
  states(): ReturnType<SharedSockets['states']> {
    return this.#sockets.states();
  }

  /** Takes a socket from the runner before. */
  inherit(socket: SocketState, handle: SocketHandle): void {
    this.#sockets.inherit(socket, handle, closeOf(handle, socket.address));
  }

  /** An instance of an earlier runner has handed over what it has; false: not all of that has arrived. */
  handedOverAll(instance: Instance): boolean {
    if (this.#incomplete.has(instance)) return false;
    this.#sockets.handedOverAll(instance.nonce);
    if (instance.listening !== null) this.#update(instance);
    return true;
  }

  /** Answers what was put off, as somebody who was waited for has come, or will not come any more. */
  #answerPostponed(): void {
    for (const answer of this.#postponed.splice(0)) answer();
  }

  /** The app of an instance has another name now: its sockets go with it. */
  renamed(instance: Instance): void {
    this.#sockets.rename(instance.nonce, appOf(instance));
  }

  /** To be called when the process has ended: what it had is free, or another's. */
  ended(instance: Instance): void {
    this.#ended.add(instance);
    for (const address of this.#sockets.ended(instance.nonce)) {
      if (address.kind === 'path') removeStaleSocket(address.path);
    }
    if (instance.listening !== null) instance.listening = [];
  }

  #answer(instance: Instance, id: number, message: AgentMessage): void {
    const { channel, nonce } = instance;
    if (channel === null) return;
    const refuse = ({ errno, note }: Refused): void => {
      // It waits for this and for nothing else: if it cannot be told, it is better off alone.
      const answer: SocketAnswer = { cmd: SOCKET, id, errno, note };
      if (!channel.send(answer)) channel.close();
    };
    const request = parseRequest(message);
    if (request === null) {
      refuse({ errno: errnoOf('EINVAL'), note: null });
      return;
    }
    const app = appOf(instance);
    if (!this.#sockets.has({ ...request, app }) && this.#context.awaited.hasSocketsOf(app)) {
      this.#postponed.push(() => {
        if (!this.#ended.has(instance)) this.#answer(instance, id, message);
      });
      return;
    }
    const refusal = instance.otherUser ? refusalForOthers(request) : null;
    const outcome = refusal ?? this.#sockets.take({ ...request, app, nonce, id });
    if ('errno' in outcome) {
      refuse(outcome);
      return;
    }
    const answer: SocketAnswer = { cmd: SOCKET, id, errno: 0, data: outcome.data };
    const giveBack = (): void => {
      if (!outcome.again) this.#sockets.giveBack({ nonce, id });
    };
    const onAnswer = (received: boolean): void => {
      if (received) return;
      giveBack();
      refuse({ errno: errnoOf('EMFILE'), note: null });
    };
    if (channel.sendHandle(answer, outcome.handle, onAnswer)) return;
    giveBack();
    channel.close();
  }

  /** False: nothing came, or nothing that can be what it says. */
  #takeBack(instance: Instance, message: AgentMessage, handle: SocketHandle | null): boolean {
    const { id } = message;
    const request = parseRequest(message);
    const isOurs = request !== null && !(instance.otherUser && refusalForOthers(request) !== null);
    if (handle === null || !isOurs || typeof id !== 'number') {
      handle?.close();
      return false;
    }
    const address = addressOf(handle, request);
    if (typeof address === 'number') {
      handle.close();
      return false;
    }
    const close = closeOf(handle, address);
    const { nonce } = instance;
    this.#sockets.handedOver({ ...request, app: appOf(instance), nonce, id }, { handle, address }, close);
    return true;
  }

  #update(instance: Instance): void {
    const addresses = this.#sockets.addressesOf(instance.nonce);
    if (addresses.join() === instance.listening?.join()) return;
    instance.listening = addresses;
    void this.#context.record({ kind: 'listening', nonce: instance.nonce, addresses }, false);
    this.#context.publishInstance(instance);
  }
}

/** Whoever did not bind it does not remove its file when it closes it. */
function closeOf(handle: SocketHandle, address: SocketAddress): () => void {
  return () => {
    handle.close();
    if (address.kind === 'path') removeStaleSocket(address.path);
  };
}

/** An app that runs as another user gets from us only what it could bind for itself. */
function refusalForOthers({ addressType, port }: BindRequest): Refused | null {
  if (addressType === -1) {
    return {
      errno: errnoOf('EACCES'),
      note: 'Unix sockets are shared only by apps that run as the user of stateward',
    };
  }
  if (port === 0 || port >= FIRST_FREE_PORT) return null;
  return { errno: errnoOf('EACCES'), note: 'ports below 1024 are not for apps that run as another user' };
}

type RequestFields = Omit<ListenRequest, 'app' | 'nonce' | 'id'>;

const ADDRESS_TYPES: readonly unknown[] = [4, 6, -1, 'udp4', 'udp6'];

/** An app can write anything: what Node's own code is handed is checked. */
function parseRequest(message: AgentMessage): RequestFields | null {
  const { address, port, addressType, flags, index, data, readableAll, writableAll } = message;
  if (address !== null && typeof address !== 'string') return null;
  if (!ADDRESS_TYPES.includes(addressType) || !isCount(flags) || !isCount(index)) return null;
  const isPath = addressType === -1;
  if (isPath && (address === null || !/^[/\0]./.test(address))) return null;
  if (!isPath && (!isCount(port) || port > 65_535)) return null;
  return {
    address: address === '' ? null : address,
    port: isPath ? -1 : (port as number),
    addressType: addressType as RequestFields['addressType'],
    flags,
    index,
    data: data ?? null,
    readableAll: readableAll === true,
    writableAll: writableAll === true,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
