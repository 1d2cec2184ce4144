/**
 * What the agent in a Node app, the runner and, through it, the controller say to each other: JSON over Node's own channel
 * to the app. Node hands messages whose `cmd` begins with NODE_ to nobody but who asks for them, so that the app sees none.
 *
 * An agent is as old as the process that it is in, and meets runners that are older and newer. No version is said: fields
 * and messages are only ever added, each side passes over what it does not know, and whoever asks goes on without an
 * answer. A message that would have to mean something else gets another name.
 */
export const AGENT_PREFIX = 'NODE_STATEWARD_';

/** Controller → agent: is the event loop turning? PONG of the same `id` says that it is. */
export const PING = 'NODE_STATEWARD_PING';
export const PONG = 'NODE_STATEWARD_PONG';

/** Runner → agent: take no new work, and let what is under way end within `ms`. DRAINING says that it does, DRAINED that it has. */
export const DRAIN = 'NODE_STATEWARD_DRAIN';
export const DRAINING = 'NODE_STATEWARD_DRAINING';
export const DRAINED = 'NODE_STATEWARD_DRAINED';

/** Controller → agent: open a port of this process alone beside the shared one. The answer has the same `cmd`. */
export const PROBE_PORT = 'NODE_STATEWARD_PROBE_PORT';

/**
 * Controller → agent: measure for the next `forMs`, and say what was measured so far; the answer has the same `cmd` and
 * `id`. Asked every few seconds while somebody looks.
 */
export const FIGURES = 'NODE_STATEWARD_FIGURES';

/**
 * Controller → agent: say again which actions the app has offered, as the app has said it. A controller that was not there
 * then asks when it comes.
 */
export const OFFERS = 'NODE_STATEWARD_OFFERS';

/**
 * Controller → agent: leave the connections of shared sockets to the other instances for `forMs`, or take them (again). The
 * answer has the same `cmd`, and `accept` says which it does. One that hears nothing more takes them again by itself.
 */
export const TRAFFIC = 'NODE_STATEWARD_TRAFFIC';

/**
 * Shared sockets, of which the agent counts its requests by `id`:
 *
 *   LISTEN id, ... ──▶ SOCKET id, errno 0, data, with the handle ──▶ LISTENING id ──▶ CLOSED id
 *                 └──▶ SOCKET id, errno, note
 *
 * LISTEN of an `id` that listens already asks for the same socket once more.
 */
export const LISTEN = 'NODE_STATEWARD_LISTEN';
export const SOCKET = 'NODE_STATEWARD_SOCKET';
export const LISTENING = 'NODE_STATEWARD_LISTENING';
export const CLOSED = 'NODE_STATEWARD_CLOSED';

/**
 * An agent whose runner has died looks for the next one, over a connection of its own: HELLO and WELCOME are said as plain
 * lines, and from then on the connection is the channel. It hands over what it has, and HANDED is the end of that:
 *
 *   HELLO nonce ──▶ WELCOME ──▶ HOLD id, ... with the handle, for each shared socket ──▶ HANDED
 *         └──not missed──▶ the connection is closed
 *
 * HOLD says what a LISTEN of the same fields got from an earlier runner.
 */
export const HELLO = 'NODE_STATEWARD_HELLO';
export const WELCOME = 'NODE_STATEWARD_WELCOME';
export const HOLD = 'NODE_STATEWARD_HOLD';
export const HANDED = 'NODE_STATEWARD_HANDED';

/** In the environment of apps with a channel: path of the socket where the next runner is; the agent hides it from the app. */
export const AGENTS_VARIABLE = 'STATEWARD_AGENTS';

/** In the environment of apps that share sockets; the agent hides it from the app. */
export const SHARED_VARIABLE = 'STATEWARD_SHARED';

export interface Ping {
  readonly cmd: typeof PING;
  readonly id: unknown;
}

export interface Pong {
  readonly cmd: typeof PONG;
  readonly id: unknown;
}

export interface DrainRequest {
  readonly cmd: typeof DRAIN;
  readonly ms: number;
}

export interface Draining {
  readonly cmd: typeof DRAINING;
  /** The one that the app itself listens to in order to end; null: none. */
  readonly signal: string | null;
}

export interface Drained {
  readonly cmd: typeof DRAINED;
}

export interface ProbePortRequest {
  readonly cmd: typeof PROBE_PORT;
  readonly port: number;
}

export interface ProbePortAnswer extends ProbePortRequest {
  /** Null: there is none. */
  readonly probePort: number | null;
}

export interface FiguresRequest {
  readonly cmd: typeof FIGURES;
  readonly id: unknown;
  readonly forMs: number;
}

/** What an agent has measured. */
export interface Figures {
  /** HTTP requests that have come since the process can serve any. An older agent counts from the first question on. */
  readonly requests: number;
  /** How late the event loop was since the last answer, in milliseconds; null: not measured yet. */
  readonly eventLoopLagMs: number | null;
  readonly eventLoopLagMaxMs: number | null;
  /** Absent from here on: of an older agent. Since the loop began to turn. */
  readonly loop?: { readonly activeSeconds: number; readonly idleSeconds: number };
  readonly heap?: { readonly usedBytes: number; readonly totalBytes: number };
  readonly gc?: CollectionFigures;
  /** Absent: it has served nothing. */
  readonly served?: ServedFigures;
}

/** How often the garbage collection ran and how long the app stood still for it, in those seconds that were looked at. */
export interface CollectionFigures {
  readonly count: number;
  readonly seconds: number;
  readonly ofSeconds: number;
}

/** HTTP of the process since its first request. */
export interface ServedFigures {
  readonly requests: number;
  /** Answers of 1xx, 2xx, ... 5xx. */
  readonly statuses: readonly number[];
  /** Answers by how long they took, in milliseconds: up to 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, and longer. */
  readonly buckets: readonly number[];
  /** How long all of them took. */
  readonly seconds: number;
  /** Open now. */
  readonly connections: number;
}

export interface FiguresAnswer extends Figures {
  readonly cmd: typeof FIGURES;
  readonly id: unknown;
}

export interface OffersRequest {
  readonly cmd: typeof OFFERS;
}

export interface TrafficRequest {
  readonly cmd: typeof TRAFFIC;
  readonly accept: boolean;
  /** With `accept` false. */
  readonly forMs?: number;
}

export interface TrafficAnswer {
  readonly cmd: typeof TRAFFIC;
  readonly accept: boolean;
}

export interface Hello {
  readonly cmd: typeof HELLO;
  /** Proves which instance it is. */
  readonly nonce: string;
}

export interface Welcome {
  readonly cmd: typeof WELCOME;
}

export interface Handed {
  readonly cmd: typeof HANDED;
}

/** A socket that an app asks for. */
export interface ListenFields {
  readonly id: number;
  /** IP address, absolute path of a Unix socket, or null: every address of the host. */
  readonly address: string | null;
  readonly port: number;
  /** As Node's net and dgram put it: 4, 6, -1 for a path, `udp4`, `udp6`. */
  readonly addressType: unknown;
  /** Of libuv: whether IPv6 only and the like. */
  readonly flags: number;
  /** How many such sockets this process has already. */
  readonly index: number;
  /** What all that share the socket are to have in common: the ticket keys of TLS. */
  readonly data: unknown;
  /** Who may use a Unix socket besides its owner. */
  readonly readableAll?: boolean | undefined;
  readonly writableAll?: boolean | undefined;
}

export interface ListenRequest extends ListenFields {
  readonly cmd: typeof LISTEN;
}

export interface HeldSocket extends ListenFields {
  readonly cmd: typeof HOLD;
}

export interface SocketAnswer {
  readonly cmd: typeof SOCKET;
  readonly id: number;
  /** As libuv numbers it; 0: the handle comes along. */
  readonly errno: number;
  /** For a person: who has the address. */
  readonly note?: string | null;
  readonly data?: unknown;
}

export interface ListenNotice {
  readonly cmd: typeof LISTENING | typeof CLOSED;
  readonly id: number;
}

/** Whether a message is one of these; of its other fields nothing is known yet. */
export function isCommand<C extends string>(
  message: unknown,
  cmd: C,
): message is { readonly cmd: C } & Readonly<Record<string, unknown>> {
  return typeof message === 'object' && message !== null && Reflect.get(message, 'cmd') === cmd;
}
