import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../../api/server/read-body.ts';
import { sameHash } from '../../home/access/secret.ts';
import type { SessionRecord } from '../../home/access/sessions.ts';
import { isObject } from '../../lib/checks.ts';
import type { Arrival, WebContext } from '../context.ts';
import { foreignOrigin } from '../guard/origin.ts';
import type { Asker } from '../model.ts';
import { refuse, sendJson, type Refusal } from '../reply.ts';
import { askerOf, tokenGiven } from './asker.ts';
import { cookieName, setCookie } from './cookie.ts';

export const SESSION_PATH = '/session';
/** What a page of ours sends with what changes something. */
export const CSRF_HEADER = 'x-stateward-csrf';
/** A token is 47 characters. */
const MAX_BODY_BYTES = 1024;

/**
 * GET: who one is here. POST with `{token}`: logs in, by a cookie. DELETE: logs out. Answers of the first two are
 * `{access, name, expiresAt, csrf}`.
 */
export async function answerSession(
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
  context: WebContext,
): Promise<void> {
  const refusal = await answer(request, response, arrival, context);
  if (refusal !== null) refuse(response, refusal);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
  context: WebContext,
): Promise<Refusal | null> {
  const { method } = request;
  if (method === 'POST') return logIn(request, response, arrival, context);
  if (method !== 'GET' && method !== 'DELETE') {
    return {
      status: 405,
      code: 'BAD_REQUEST',
      message: 'cannot take the request: the path takes another method',
      headers: { allow: 'GET, POST, DELETE' },
    };
  }
  const asker = await askerOf(request, arrival, context);
  if (!asker.ok) return asker.error;
  const { session } = asker.value;
  if (session === null) {
    return { status: 400, code: 'BAD_REQUEST', message: 'a token in each request needs no session' };
  }
  if (method === 'GET') {
    const foreign = foreignOrigin(request, arrival, false);
    if (foreign !== null) return notOurs(foreign);
    sendJson(response, view(session));
    return null;
  }
  const forged = whyForged(request, arrival, asker.value);
  if (forged !== null) return forged;
  await context.sessions.end(session);
  context.log(`web: ${asker.value.name} has logged out from ${arrival.address}`);
  const name = cookieName(context.cookie, arrival.isSecure);
  response.setHeader('set-cookie', setCookie(name, '', arrival.isSecure));
  sendJson(response, {});
  return null;
}

async function logIn(
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
  context: WebContext,
): Promise<Refusal | null> {
  // Another page must not log its visitor in as somebody else either.
  const foreign = foreignOrigin(request, arrival, true);
  if (foreign !== null) return notOurs(foreign);
  const read = await readBody(request, MAX_BODY_BYTES);
  if (read.kind === 'gone') return null;
  if (read.kind === 'refused') return { status: read.status, code: 'BAD_REQUEST', message: read.problem };
  const given = isObject(read.body) ? read.body.token : undefined;
  if (typeof given !== 'string') return { status: 400, code: 'BAD_REQUEST', message: 'send {"token": "…"}' };
  const token = await tokenGiven(given, arrival, context);
  if (!token.ok) return token.error;
  const begun = await context.sessions.begin(token.value);
  if (begun === null) {
    return { status: 401, code: 'UNAUTHENTICATED', message: 'this link has been used already' };
  }
  const { secret, session } = begun;
  context.log(`web: ${session.name} has logged in from ${arrival.address} (${session.access})`);
  const name = cookieName(context.cookie, arrival.isSecure);
  response.setHeader('set-cookie', setCookie(name, secret, arrival.isSecure));
  sendJson(response, view(session));
  return null;
}

function view({ access, name, expiresAt, csrf }: SessionRecord): Record<string, unknown> {
  return { access, name, expiresAt, csrf };
}

function notOurs(why: string): Refusal {
  return { status: 403, code: 'PERMISSION', message: `not done: ${why}` };
}

/**
 * Why what a browser has sent may not have been meant, or null. `reads`: it changes nothing. The token of a script is sent by
 * nobody else.
 */
export function whyForged(
  request: IncomingMessage,
  arrival: Arrival,
  { session }: Pick<Asker, 'session'>,
  reads = false,
): Refusal | null {
  if (session === null) return null;
  const foreign = foreignOrigin(request, arrival, !reads);
  if (foreign !== null) return notOurs(foreign);
  const csrf = request.headers[CSRF_HEADER];
  if (reads || (typeof csrf === 'string' && sameHash(csrf, session.csrf))) return null;
  return notOurs(`the header ${CSRF_HEADER} is missing or wrong (GET ${SESSION_PATH} says it)`);
}
