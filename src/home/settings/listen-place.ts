import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** Where it is listened: an address with a port (0: a free one), or a Unix socket by its absolute path. */
export type ListenPlace =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export const LISTEN_PLACE_HINT =
  'write 127.0.0.1:9615, [::1]:9615, 0.0.0.0:9615 for all addresses, or unix:/run/stateward.sock';

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|localhost)):(\d{1,5})$/;

/**
 * Reads `127.0.0.1:9615`, `[::1]:9615`, `unix:./web.sock` (relative to `folder`). A port alone says not who can reach it, and
 * a name other than localhost may be another address tomorrow: null, as for all that is no place.
 */
export function listenPlace(text: string, folder: string): ListenPlace | null {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path === '' ? null : { kind: 'unix', path: resolve(folder, path) };
  }
  const match = ADDRESS.exec(text);
  if (match === null) return null;
  const [, six, four = '', port] = match;
  const isAddress = six === undefined ? four === 'localhost' || isIP(four) === 4 : isIP(six) === 6;
  if (!isAddress || Number(port) > 65_535) return null;
  return { kind: 'tcp', host: six ?? four, port: Number(port) };
}
