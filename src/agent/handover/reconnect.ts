import { connect, type Socket } from 'node:net';
import { HELLO, isCommand, WELCOME, type Hello } from '../protocol.ts';
import { canTakeChannel, takeChannel } from './node-channel.ts';
import type { WayBack } from './way-back.ts';

/** Longest answer to a hello. */
const MAX_ANSWER_BYTES = 1_024;
const ANSWER_MS = 10_000;

export interface Reconnection extends WayBack {
  readonly target: NodeJS.Process;
  /** Whether the app is there for its messages, and ends without a channel: it is kept while it waits for another. */
  readonly keeps: () => boolean;
  /** The process has a channel again. */
  readonly onChannel: () => void;
  /** The runner does not answer, or does not want it now. */
  readonly again: () => void;
}

/** Gets the process another channel, from the runner that waits. Where Node is built otherwise than expected, nothing happens. */
export function reconnect(reconnection: Reconnection): void {
  const { target, keeps, onChannel, again } = reconnection;
  if (!canTakeChannel(target)) return;
  knock(reconnection, (socket) => {
    if (socket === null) again();
    else if (takeChannel(target, socket, keeps())) onChannel();
    else socket.destroy();
  });
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

function isWelcome(text: string): boolean {
  try {
    return isCommand(JSON.parse(text), WELCOME);
  } catch {
    return false;
  }
}
