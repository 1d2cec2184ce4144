import type { IncomingMessage } from 'node:http';

/** How a request reached us. */
export interface Reached {
  /** The whole header, checked. */
  readonly host: string;
  readonly isSecure: boolean;
}

/**
 * Why a request with a cookie is not one of our own pages, or null. Cookies go along with whatever another port of this host
 * sends, so `SameSite` alone is not enough. `strict`: it changes something, and so must say where it comes from.
 */
export function foreignOrigin(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { host, isSecure }: Reached,
  strict: boolean,
): string | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return 'a page of another origin has sent it';
  }
  const { origin } = headers;
  if (origin === undefined) {
    return strict && site !== 'same-origin' ? 'it does not say which page has sent it (Origin)' : null;
  }
  const own = `${isSecure ? 'https' : 'http'}://${host.toLowerCase()}`;
  return origin.toLowerCase() === own
    ? null
    : `a page of ${origin.slice(0, 200)} has sent it, and not one of ${own}`;
}
