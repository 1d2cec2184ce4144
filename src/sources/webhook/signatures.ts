import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Checks a body that comes in pieces, and is kept nowhere. */
export interface BodyCheck {
  update(chunk: Buffer): void;
  /** Whether the body was signed with one of the secrets. */
  isSigned(): boolean;
}

/** How far the clock of the sender may be off, where a signature holds its time; older ones are somebody's recordings. */
const MAX_SKEW_MS = 5 * 60_000;
/** Secrets that are tried, while they are rotated. */
const MAX_SECRETS = 8;

const HEX = /^[0-9a-f]{64}$/i;

/**
 * Prepares the check that the headers ask for; null: they hold no signature that is known. Of several the first of this
 * list counts, and a bad one is not made good by another:
 *
 * - GitHub: `X-Hub-Signature-256: sha256=HEX`; also `X-Hub-Signature: sha256=HEX` (Bitbucket)
 * - Gitea, Forgejo, Gogs: `X-Gitea-Signature: HEX`, `X-Forgejo-Signature`, `X-Gogs-Signature`
 * - GitLab with a signing token, and whoever follows Standard Webhooks: `webhook-signature: v1,BASE64` over id, time and body
 * - GitLab with a secret token: `X-Gitlab-Token: SECRET`, which signs nothing
 */
export function prepareCheck(
  headers: IncomingHttpHeaders,
  allSecrets: readonly string[],
  now: number,
): BodyCheck | null {
  const secrets = allSecrets.filter((secret) => secret !== '').slice(0, MAX_SECRETS);
  const github = textOf(headers, 'x-hub-signature-256') ?? textOf(headers, 'x-hub-signature');
  if (github !== null) return hexCheck(/^sha256=(.*)$/s.exec(github)?.[1] ?? '', secrets);
  for (const name of ['x-gitea-signature', 'x-forgejo-signature', 'x-gogs-signature']) {
    const signature = textOf(headers, name);
    if (signature !== null) return hexCheck(signature, secrets);
  }
  const standard = textOf(headers, 'webhook-signature');
  if (standard !== null) return standardCheck(headers, standard, secrets, now);
  const token = textOf(headers, 'x-gitlab-token');
  return token === null ? null : tokenCheck(token, secrets);
}

function hexCheck(signature: string, secrets: readonly string[]): BodyCheck {
  const wanted = HEX.test(signature) ? [Buffer.from(signature, 'hex')] : [];
  return hmacCheck(
    wanted,
    secrets.map((secret) => createHmac('sha256', secret)),
  );
}

/** `v1,BASE64 v1,BASE64 …`; the secret is text, or `whsec_BASE64`. */
function standardCheck(
  headers: IncomingHttpHeaders,
  signature: string,
  secrets: readonly string[],
  now: number,
): BodyCheck {
  const id = textOf(headers, 'webhook-id') ?? '';
  const time = textOf(headers, 'webhook-timestamp') ?? '';
  const isFresh = /^\d{1,12}$/.test(time) && Math.abs(Number(time) * 1000 - now) <= MAX_SKEW_MS;
  const wanted = signature
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []))
    .filter((one) => one.length === 32)
    .slice(0, MAX_SECRETS);
  const keys = secrets.flatMap((secret): (string | Buffer)[] =>
    secret.startsWith('whsec_') ? [secret, Buffer.from(secret.slice(6), 'base64')] : [secret],
  );
  const hmacs = keys.map((key) => createHmac('sha256', key).update(`${id}.${time}.`));
  return hmacCheck(isFresh ? wanted : [], hmacs);
}

function tokenCheck(token: string, secrets: readonly string[]): BodyCheck {
  // Of digests, so that lengths tell nothing.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return { update: () => undefined, isSigned: () => isOneOf([digest(token)], secrets.map(digest)) };
}

function hmacCheck(wanted: readonly Buffer[], hmacs: readonly ReturnType<typeof createHmac>[]): BodyCheck {
  return {
    update(chunk) {
      for (const hmac of hmacs) hmac.update(chunk);
    },
    isSigned: () =>
      isOneOf(
        wanted,
        hmacs.map((hmac) => hmac.digest()),
      ),
  };
}

/** Every pair is compared, whatever was found: the time that it takes tells nothing. */
function isOneOf(wanted: readonly Buffer[], found: readonly Buffer[]): boolean {
  let isFound = false;
  for (const one of wanted) {
    for (const other of found) isFound = timingSafeEqual(one, other) || isFound;
  }
  return isFound;
}

function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : null;
}
