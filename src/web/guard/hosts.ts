import { isIP } from 'node:net';

/** What of a connection says by which names it may be used. */
export interface HostRules {
  /** Names that somebody has allowed, in lower case. */
  readonly allowed: readonly string[];
  /** Whoever connects is on this host. */
  readonly isLocal: boolean;
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/;

/**
 * Whether a request came under a name that is meant for us. A page of another site can have its own name lead here (DNS
 * rebinding), and is then the same origin as we are; it cannot have an address for a name, nor one of the allowed.
 */
export function isAllowedHost(header: string | undefined, { allowed, isLocal }: HostRules): boolean {
  const match = HOST.exec((header ?? '').toLowerCase());
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return false;
  if (isIP(host) !== 0) return true;
  return (host === 'localhost' && isLocal) || allowed.includes(host.replace(/\.$/, ''));
}

export function isLoopback(address: string | undefined): boolean {
  // A Unix socket has no address.
  if (address === undefined || address === '') return true;
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address);
}
