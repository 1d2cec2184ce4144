/** Where a declared socket listens. */
export type Listen =
  /** `host`: an IP address; null: every address of the host. */
  | { readonly kind: 'tcp'; readonly host: string | null; readonly port: number }
  | { readonly kind: 'path'; readonly path: string };

/** `8080`, `127.0.0.1:8080`, `[::1]:8080`, `/run/api.sock` or `./api.sock`. Null: none of these. */
export function parseListen(text: string): Listen | null {
  if (/^(?:\.{0,2}|~)\//.test(text)) return { kind: 'path', path: text };
  const match = /^(?:(?:\[(?<six>[^\]]*)\]|(?<four>[^:[\]]*)):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.port ?? 0);
  if (port < 1 || port > 65_535) return null;
  const { six, four } = match?.groups ?? {};
  const host = six ?? four ?? '';
  if (host === '' || host === '*') return six === undefined ? { kind: 'tcp', host: null, port } : null;
  if (host === 'localhost') return { kind: 'tcp', host: '127.0.0.1', port };
  const isAddress = six === undefined ? isIPv4(host) : isIPv6(six);
  return isAddress ? { kind: 'tcp', host, port } : null;
}

/** As `parseListen` reads it; the same place is always the same text. */
export function formatListen(listen: Listen): string {
  if (listen.kind === 'path') return listen.path;
  const { host, port } = listen;
  if (host === null) return String(port);
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Whether a process that has a socket at `address` (`[::]:8080`, as the runner tells it) keeps another one from being bound
 * at the place that `listen` says: they want the same connections, and are not the same socket.
 */
export function takesPlaceOf(address: string, listen: Listen): boolean {
  const taken = parseListen(address);
  if (taken?.kind !== 'tcp' || listen.kind !== 'tcp' || taken.port !== listen.port) return false;
  const isAny = taken.host === '::' || taken.host === '0.0.0.0';
  if (listen.host === null) return !isAny;
  return taken.host !== listen.host && (isAny || listen.host === '::' || listen.host === '0.0.0.0');
}

function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function isIPv6(text: string): boolean {
  const address = text.replace(/%[\w.-]+$/, '');
  if (!/^[0-9a-fA-F:.]+$/.test(address) || (address.match(/::/g) ?? []).length > 1) return false;
  const groups = address.split(':');
  return (
    groups.length >= 3 &&
    groups.length <= 8 &&
    groups.every((group) => /^[0-9a-fA-F]{0,4}$/.test(group) || isIPv4(group))
  );
}
