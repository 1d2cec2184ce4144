import { isLoopback } from './endpoint.ts';
import type { Credentials } from './credentials.ts';

/** What a registry asks for before it answers. */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly realm: string;
  readonly service: string | null;
}

/** Reads `WWW-Authenticate`; null: it asks for what nobody here knows. */
export function readChallenge(header: string | null): Challenge | null {
  const match = /^\s*(basic|bearer)\b(.*)$/i.exec(header ?? '');
  if (match === null) return null;
  const [, scheme = '', rest = ''] = match;
  const parameters = new Map(
    [...rest.matchAll(/([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)].map(([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '',
    ]),
  );
  const isBasic = scheme.toLowerCase() === 'basic';
  const realm = parameters.get('realm') ?? '';
  if (!isBasic && realm === '') return null;
  return { scheme: isBasic ? 'basic' : 'bearer', realm, service: parameters.get('service') ?? null };
}

/** `Basic …` */
export function basicOf(credentials: Credentials | null): string | null {
  if (credentials === null || 'token' in credentials) return null;
  const { username, password } = credentials;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The request for a token, as the specification of token authentication has it; null: its realm is none to be asked. */
export function tokenRequest(
  { realm, service }: Challenge,
  scopes: readonly string[],
  credentials: Credentials | null,
): Request | null {
  if (!URL.canParse(realm)) return null;
  const url = new URL(realm);
  // A password goes there.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) return null;
  if (credentials !== null && 'token' in credentials) {
    const body = new URLSearchParams({
      ...{ grant_type: 'refresh_token', client_id: 'stateward', refresh_token: credentials.token },
      ...(service !== null && { service }),
      ...{ scope: scopes.join(' ') },
    });
    return new Request(url, { method: 'POST', body });
  }
  if (service !== null) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const basic = basicOf(credentials);
  return new Request(url, { headers: basic === null ? {} : { authorization: basic } });
}

/** The token in an answer; null: there is none. */
export async function tokenIn(response: Response): Promise<string | null> {
  const answer = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  const token = answer?.['token'] ?? answer?.['access_token'];
  return typeof token === 'string' && token !== '' ? token : null;
}
