import type { Socket } from 'node:net';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { watchSilence, type SilenceOptions } from './silence.ts';

/** How a daemon on a socket is reached. */
export interface SocketTransportOptions extends SilenceOptions {
  /** Milliseconds to get a connection. */
  readonly connectMs: number;
  /** Milliseconds to get a whole answer, or the head of a stream. */
  readonly answerMs: number;
  /** Called with every answer of a daemon that is older than this program. */
  readonly onOlder?: (note: string) => void;
  /** Called when a request that acts was carried out, before anybody has the answer. */
  readonly onActed?: () => void;
  /** Asked before every request: why the daemon must not be contacted; null: it may. */
  readonly refusal?: () => Failure | null;
  /**
   * Called when nobody listens on the socket, before anything was sent. It may start a daemon; the request is then
   * made again. Left out: the request fails.
   */
  readonly onAbsent?: () => Promise<Result<void, Failure>>;
}

/** Ends a connection that takes too long to open or to answer. Returns a function that lifts the limit. */
export function boundTime(socket: Socket, options: SocketTransportOptions): () => void {
  const { clock, connectMs, answerMs } = options;
  const giveUp = (): void => {
    socket.destroy(new Error('it does not answer'));
  };
  const cancelConnect = clock.after(connectMs, giveUp);
  const cancelAnswer = clock.after(answerMs, giveUp);
  const cancelSilence = watchSilence(socket, options);
  socket.once('connect', cancelConnect);
  return () => {
    cancelConnect();
    cancelAnswer();
    cancelSilence();
  };
}
