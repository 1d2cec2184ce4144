import type { Failure } from '../../lib/failure.ts';
import { fitsSocket, MAX_SOCKET_PATH_BYTES } from '../../lib/sockets/socket-path.ts';

/** HOME_PATH_TOO_LONG when the kernel cannot take the path of a socket, else null. */
export function checkSocketPath(path: string): Failure | null {
  if (fitsSocket(path)) return null;
  return {
    code: 'HOME_PATH_TOO_LONG',
    message: `cannot use the socket ${path}: its path has ${Buffer.byteLength(path)} bytes, and ${MAX_SOCKET_PATH_BYTES} are allowed`,
    hint: 'set STATEWARD_HOME to a folder with a shorter path',
  };
}
