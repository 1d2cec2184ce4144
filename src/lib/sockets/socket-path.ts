/** Bytes of the longest path of a Unix socket: sun_path less its closing zero. Node 20 cuts a longer one without a word. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** Whether the system can take the path of a socket. */
export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
}
