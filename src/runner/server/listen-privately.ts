import { unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { fitsSocket } from '../../lib/sockets/socket-path.ts';

/**
 * Has `server` listen at `path`, for its own user alone: the socket is never there with a wider mode, not even for a
 * moment, and the apps' umask stays as it is. A socket that is there already is removed: the caller knows it for a dead
 * one's.
 */
export function listenPrivately(server: Server, path: string): Promise<void> {
  if (!fitsSocket(path)) throw new Error(`${path} is too long for a socket`);
  removeStaleSocket(path);
  return new Promise((resolve, reject) => {
    const onListening = (): void => finish(resolve);
    const onError = (error: Error): void => finish(() => reject(error));
    const finish = (settle: () => void): void => {
      server.off('listening', onListening).off('error', onError);
      settle();
    };
    server.once('listening', onListening).once('error', onError);
    const umask = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(umask);
    }
  });
}

function removeStaleSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // None there; anything else comes up when listening.
  }
}
