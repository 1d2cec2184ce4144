import { connect, type Socket } from 'node:net';
import type { Clock } from '../../lib/clocks/clock.ts';

/** Where lines are written to: a file handle, or a connection to whoever listens on a socket. */
export interface LogTarget {
  writev(batch: readonly Buffer[]): Promise<{ readonly bytesWritten: number }>;
  close(): Promise<void>;
}

/** Whoever listens has so long to take what was written. */
const TAKE_MS = 5_000;

/**
 * Connects to a socket that others listen on; rejects with the system's error. Whoever listens gets the lines as they are.
 * `takeMs`: what is not taken in this time is given up, with the connection.
 */
export async function connectLog(path: string, clock: Clock, takeMs = TAKE_MS): Promise<LogTarget> {
  const socket = connect(path);
  let broken: Error | undefined;
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', (error) => (broken = error));
  socket.resume();
  socket.unref();
  return {
    async writev(batch) {
      const bytes = Buffer.concat(batch);
      if (socket.destroyed || !socket.writable) throw broken ?? new Error('whoever listened has gone');
      await taken(socket, bytes, { clock, takeMs });
      return { bytesWritten: bytes.length };
    },
    close() {
      socket.end();
      return Promise.resolve();
    },
  };
}

interface Patience {
  readonly clock: Clock;
  readonly takeMs: number;
}

function taken(socket: Socket, bytes: Buffer, { clock, takeMs }: Patience): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (error?: Error | null): void => {
      cancel();
      if (error) reject(error);
      else resolve();
    };
    const giveUp = (): void => {
      socket.destroy();
      give(new Error('whoever listens does not take it'));
    };
    const cancel = takeMs === Infinity ? () => undefined : clock.after(takeMs, giveUp);
    socket.write(bytes, give);
  });
}
