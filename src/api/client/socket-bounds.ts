import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';

/** How a daemon on a socket is reached. */
export interface SocketTransportOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** Milliseconds to get a connection. */
  readonly connectMs: number;
  /** Milliseconds to get a whole answer, or the head of a stream. */
  readonly answerMs: number;
  /** Called with every answer of a daemon that is older than this program. */
  readonly onOlder?: () => void;
  /** Why the daemon is not to be talked to, whether one answers or not; null: nothing speaks against it. Asked before every request. */
  readonly refusal?: () => Failure | null;
  /**
   * Called when nobody listens on the socket, so before anything was sent: it may start a daemon, and the request is
   * made again then. Left out: the request fails.
   */
  readonly onAbsent?: () => Promise<Result<void, Failure>>;
}

/** Ends a connection that takes too long to come about or to answer. Returns what lifts the bound. */
export function boundTime(
  socket: Socket,
  { clock, connectMs, answerMs }: SocketTransportOptions,
): () => void {
  const giveUp = (): void => {
    socket.destroy(new Error('it does not answer'));
  };
  const cancelConnect = clock.after(connectMs, giveUp);
  const cancelAnswer = clock.after(answerMs, giveUp);
  socket.once('connect', cancelConnect);
  return () => {
    cancelConnect();
    cancelAnswer();
  };
}
