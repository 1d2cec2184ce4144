import type { Failure } from '../../lib/failure.ts';
import { isLoopback } from '../../web/guard/hosts.ts';
import type { Place, WebRules } from '../../web/model.ts';
import type { HttpSettings } from '../../home/settings/settings.ts';

/** `127.0.0.1:9615`, `unix:/run/stateward/http.sock`. */
export function placeText(place: Place): string {
  if (place.kind === 'unix') return `unix:${place.path}`;
  const { host, port } = place;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As it is given to the system. A name is not looked up: it could lead to another address than is meant. */
export function systemPlace(place: Place): Place {
  return place.kind === 'tcp' && place.host === 'localhost' ? { ...place, host: '127.0.0.1' } : place;
}

/** Why nothing may listen there: other machines reach it, and would be answered in plain text. null: it may. */
export function plainRefusal(place: Place, { tls, insecure }: HttpSettings): Failure | null {
  if (place.kind === 'unix' || tls !== null || insecure || isLoopback(place.host)) return null;
  return {
    code: 'PERMISSION',
    message: `http.listen: ${placeText(place)} can be reached from other machines, and there is no certificate`,
    hint:
      'set http.tls.cert and http.tls.key, or listen at 127.0.0.1 or a Unix socket behind a proxy that speaks TLS; ' +
      'http.insecure: true has tokens, logs and all else go over the network in plain text',
  };
}

export function samePlace(one: Place, other: Place): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether the system gives the two to one listener alone, so that one has to go before the other comes. */
export function overlap(one: Place, other: Place): boolean {
  if (one.kind === 'unix' || other.kind === 'unix') return samePlace(one, other);
  return (
    one.port === other.port && (one.host === other.host || isWildcard(one.host) || isWildcard(other.host))
  );
}

function isWildcard(host: string): boolean {
  return /^[0.:]+$/.test(host);
}

/** Where a browser finds it; null: the settings do not say, as of a socket behind a proxy without a name. */
export function urlOf(place: Place, { hosts, behindProxy, tls }: HttpSettings): string | null {
  const [name] = hosts;
  // A proxy is there for TLS, and has a port of its own.
  if (name !== undefined && (place.kind === 'unix' || behindProxy)) return `https://${name}`;
  if (place.kind === 'unix') return null;
  const { host, port } = place;
  if (name !== undefined && tls !== null) return `https://${name}:${port}`;
  const here = host.includes(':') ? (isWildcard(host) ? '[::1]' : `[${host}]`) : host;
  return `${tls === null ? 'http' : 'https'}://${here === '0.0.0.0' ? '127.0.0.1' : here}:${port}`;
}

/** How requests are answered that come in there. */
export function rulesOf({ hosts, behindProxy, session }: HttpSettings, place: Place): WebRules {
  return {
    allowedHosts: hosts.map((name) => name.toLowerCase()),
    behindProxy: behindProxy || place.kind === 'unix',
    sessionLimits: session,
  };
}
