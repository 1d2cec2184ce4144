import type { IncomingMessage } from 'node:http';
import { isOver, tokenOf, type TokenRecord } from '../../home/access/tokens.ts';
import type { Arrival, WebContext } from '../context.ts';
import type { Asker } from '../model.ts';
import type { Refusal } from '../reply.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { cookieName, cookieOf } from './cookie.ts';

const LOG_IN: Refusal = {
  status: 401,
  code: 'UNAUTHENTICATED',
  message: 'nobody has logged in here, or not any more',
  hint: 'stateward dash opens the dashboard, by a new link; stateward token create makes a token for scripts',
  headers: { 'www-authenticate': 'Bearer' },
};

const TOO_MANY: Refusal = {
  status: 429,
  code: 'UNAUTHENTICATED',
  message: 'too many tokens were wrong; none is looked at for a while',
  hint: 'wait a minute',
  headers: { 'retry-after': '60' },
};

/** Who asks: by the token of a script, else by the cookie of a browser. */
export async function askerOf(
  request: IncomingMessage,
  arrival: Arrival,
  context: WebContext,
): Promise<Result<Asker, Refusal>> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^bearer +([\w-]{1,200})$/i.exec(authorization)?.[1] ?? '';
    const found = await tokenGiven(token, arrival, context);
    if (!found.ok) return found;
    // One that is for a log-in is for a browser.
    if (found.value.use === 'login') return err(LOG_IN);
    const { id, name, access } = found.value;
    return ok({ id, name: `${name} (token)`, access, session: null });
  }
  const secret = cookieOf(request.headers.cookie, cookieName(context.cookie, arrival.isSecure));
  const session = secret === null ? null : await context.sessions.of(secret);
  if (session === null) return err(LOG_IN);
  return ok({ id: session.id, name: `${session.name} (dash)`, access: session.access, session });
}

/** The token that somebody has sent. Wrong ones are counted, and after too many none is looked at. */
export async function tokenGiven(
  token: string,
  { address }: Arrival,
  { tokens, touches, attempts, clock, log }: WebContext,
): Promise<Result<TokenRecord, Refusal>> {
  if (!attempts.mayTry(address)) return err(TOO_MANY);
  const found = await tokenOf(tokens, token);
  if (found !== null && !isOver(found.expiresAt, clock.now())) {
    await touches.touch(tokens, found.id);
    return ok(found);
  }
  attempts.failed(address);
  if (found === null) {
    log(`web: a token from ${address} is not known`);
    return err(LOG_IN);
  }
  // Whoever has it may be told so much.
  const message = `the time of ${found.use === 'login' ? 'this link' : `token ${found.name}`} is over`;
  log(`web: from ${address}: ${message}`);
  return err({ ...LOG_IN, message });
}

/** Whether somebody may still read what they have asked for. */
export async function stillMay({ session, id }: Asker, context: WebContext): Promise<boolean> {
  if (session !== null) return context.sessions.stillHolds(session);
  const kept = await context.tokens.read(id);
  return kept !== null && !isOver(kept.record.expiresAt, context.clock.now());
}
