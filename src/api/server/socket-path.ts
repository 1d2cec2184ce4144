import type { Failure } from '../../lib/failure.ts';

/** sockaddr_un holds 108 bytes with the closing zero; Node truncates a longer path silently. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** HOME_PATH_TOO_LONG when the kernel cannot take the path of a socket, else null. */
export function checkSocketPath(path: string): Failure | null {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return null;
  return {
    code: 'HOME_PATH_TOO_LONG',
    message: `cannot use the socket ${path}: its path has ${bytes} bytes, and ${MAX_SOCKET_PATH_BYTES} are allowed`,
    hint: 'set STATEWARD_HOME to a folder with a shorter path',
  };
}
