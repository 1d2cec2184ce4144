import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { HELLO, isCommand, WELCOME, type Hello } from '../protocol.ts';
import { canTakeChannel, takeChannel } from './node-channel.ts';

/** Longest answer to a hello. */
const MAX_ANSWER_BYTES = 1_024;
const ANSWER_MS = 10_000;
/** The next try comes after a quarter of the time since the loss: soon at first, and never many. */
const PATIENCE = 4;
const MIN_WAIT_MS = 50;
const MAX_WAIT_MS = 2_000;
/** For so long a socket that was there at the loss is taken for the one of the runner that died. */
const STALE_MS = 500;

export interface Reconnection {
  readonly target: NodeJS.Process;
  /** Path of the socket where the next runner waits. */
  readonly path: string;
  /** Proves to it which instance this is. */
  readonly nonce: string;
  /** Whether the app is there for its messages, and ends without a channel: it is kept while it waits for another. */
  readonly keeps: () => boolean;
  /** The process has a channel again. */
  readonly onChannel: () => void;
}

/**
 * Gets the process another channel, from the next runner.
 *
 *   waiting ──time is up, and there is a socket──▶ knocking ──welcome──▶ (channel)
 *      ▲                                               │
 *      └──nobody there, or not welcome─────────────────┘
 */
export function reconnect(reconnection: Reconnection): void {
  const { target, keeps, onChannel } = reconnection;
  if (!canTakeChannel(target)) return;
  const lostAt = performance.now();
  const stale = ownSocket(reconnection.path);
  const wait = (): void => {
    const ms = Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, (performance.now() - lostAt) / PATIENCE));
    const timer = setTimeout(look, ms);
    if (!keeps()) timer.unref();
  };
  const look = (): void => {
    const found = ownSocket(reconnection.path);
    const isStale = found === stale && performance.now() - lostAt < STALE_MS;
    if (found === null || isStale) wait();
    else knock(reconnection, onAnswer);
  };
  const onAnswer = (socket: Socket | null): void => {
    if (socket === null) wait();
    else if (takeChannel(target, socket, keeps())) onChannel();
    else socket.destroy();
  };
  wait();
}

/** Gives a socket over which the runner has said welcome, and nothing after it; null: there is none. */
function knock({ path, nonce, keeps }: Reconnection, onAnswer: (socket: Socket | null) => void): void {
  const socket = connect(path);
  if (!keeps()) socket.unref();
  let text = '';
  const onClose = (): void => onAnswer(null);
  const onData = (chunk: Buffer): void => {
    text += chunk.toString();
    if (!text.includes('\n') && text.length < MAX_ANSWER_BYTES) return;
    if (!isWelcome(text)) {
      socket.destroy();
      return;
    }
    socket.setTimeout(0);
    socket.removeListener('data', onData).removeListener('close', onClose);
    onAnswer(socket);
  };
  const hello: Hello = { cmd: HELLO, nonce };
  socket.on('connect', () => socket.write(`${JSON.stringify(hello)}\n`));
  socket.on('data', onData);
  socket.on('error', () => socket.destroy());
  socket.on('close', onClose);
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
}

/**
 * Tells the socket that is at `path` now from others that were and will be. Null: there is none that is to be trusted, as
 * only who may end this process anyhow is: its own user, and root.
 */
function ownSocket(path: string): string | null {
  try {
    const stat = lstatSync(path);
    const isOurs = stat.isSocket() && (stat.uid === process.getuid?.() || stat.uid === 0);
    return isOurs ? `${stat.ino} ${stat.ctimeMs}` : null;
  } catch {
    return null;
  }
}

function isWelcome(text: string): boolean {
  try {
    return isCommand(JSON.parse(text), WELCOME);
  } catch {
    return false;
  }
}
