import { isOneOf, isText, nullable, objectOf } from '../../lib/checks.ts';
import type { Book, Kept } from './book.ts';
import { hashOf, idOf, isHash, newSecret, sameHash } from './secret.ts';
import type { Touches } from './touches.ts';
import { isOver, type Access, type TokenRecord } from './tokens.ts';

/** What is kept of a browser that has logged in: never what its cookie holds. Times are RFC 3339. */
export interface SessionRecord {
  readonly id: string;
  readonly name: string;
  readonly access: Access;
  /** SHA-256 of the value of the cookie, in hex. */
  readonly hash: string;
  /** What a page of ours sends beside the cookie, and a page of another origin cannot know. */
  readonly csrf: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** The token that it came from, and that it ends with; null: one that was for this session alone. */
  readonly token: string | null;
}

/** How long a session lasts, in milliseconds: unused, and at all. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly maxMs: number;
}

export interface SessionsOptions {
  readonly sessions: Book<SessionRecord>;
  readonly tokens: Book<TokenRecord>;
  /** Those that hold now. */
  readonly limits: () => SessionLimits;
  readonly touches: Touches;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Of more the ones that were not used for longest go. */
const MOST_SESSIONS = 256;

/** Browsers that have logged in. They outlive the process that let them in. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Begins a session for whoever has shown a token, and gives the value of its cookie. null: the token was for one session,
   * and somebody else was faster.
   */
  async begin(
    token: TokenRecord,
  ): Promise<{ readonly secret: string; readonly session: SessionRecord } | null> {
    const { sessions, tokens, limits, now } = this.#options;
    if (token.use === 'login' && !(await tokens.remove(token.id))) return null;
    await this.#sweep();
    const secret = newSecret();
    const hash = hashOf(secret);
    const isLogin = token.use === 'login';
    const end = Math.min(now() + limits().maxMs, ofToken(token));
    const session: SessionRecord = {
      id: idOf(hash),
      ...{ name: token.name, access: token.access, hash, csrf: newSecret() },
      createdAt: new Date(now()).toISOString(),
      expiresAt: new Date(end).toISOString(),
      token: isLogin ? null : token.id,
    };
    await sessions.add(session.id, session, now());
    return { secret, session };
  }

  /** The session of a cookie, if it holds; it counts as used now. */
  async of(secret: string): Promise<SessionRecord | null> {
    const hash = hashOf(secret);
    const kept = await this.#options.sessions.read(idOf(hash));
    if (kept === null || !sameHash(kept.record.hash, hash) || !(await this.#holds(kept))) return null;
    await this.#touch(kept.record);
    return kept.record;
  }

  /** Whether a session still holds, of which an answer is going on. */
  async stillHolds({ id }: Pick<SessionRecord, 'id'>): Promise<boolean> {
    const kept = await this.#options.sessions.read(id);
    if (kept === null || !(await this.#holds(kept))) return false;
    await this.#touch(kept.record);
    return true;
  }

  async end({ id }: Pick<SessionRecord, 'id'>): Promise<void> {
    await this.#options.sessions.remove(id);
  }

  async #holds(kept: Kept<SessionRecord>): Promise<boolean> {
    const { tokens, limits, now } = this.#options;
    if (!isOpen(kept, limits(), now())) return false;
    const { record } = kept;
    if (record.token === null) return true;
    const token = await tokens.read(record.token);
    return token !== null && !isOver(token.record.expiresAt, now());
  }

  /** Who uses a session uses the token that it came from. */
  async #touch({ id, token }: SessionRecord): Promise<void> {
    const { sessions, tokens, touches } = this.#options;
    await touches.touch(sessions, id);
    if (token !== null) await touches.touch(tokens, token);
  }

  /** Takes away what is over, and log-ins that nobody took. */
  async #sweep(): Promise<void> {
    const { sessions, tokens, now } = this.#options;
    const kept = (await sessions.list()).toSorted((one, other) => other.usedAt - one.usedAt);
    for (const [index, one] of kept.entries()) {
      if (index < MOST_SESSIONS - 1 && (await this.#holds(one))) continue;
      await this.end(one.record);
    }
    for (const { record } of await tokens.list()) {
      if (record.use === 'login' && isOver(record.expiresAt, now())) await tokens.remove(record.id);
    }
  }
}

/** When a session ends that is not used any more, epoch milliseconds. */
export function endOf({ record, usedAt }: Kept<SessionRecord>, { idleMs }: SessionLimits): number {
  return Math.min(Date.parse(record.expiresAt), usedAt + idleMs);
}

/** Whether the time of a session is not over. */
export function isOpen(kept: Kept<SessionRecord>, limits: SessionLimits, now: number): boolean {
  return !isOver(kept.record.expiresAt, now) && now <= endOf(kept, limits);
}

/** When the token of a session ends; one that was for this session alone sets no end. */
function ofToken({ use, expiresAt }: TokenRecord): number {
  return use === 'login' || expiresAt === null ? Infinity : Date.parse(expiresAt);
}

const isRecord = objectOf<SessionRecord>({
  ...{ id: isText, name: isText, csrf: isText, createdAt: isText, expiresAt: isText },
  access: isOneOf('read', 'write'),
  hash: isHash,
  token: nullable(isText),
});

/** Whether data from a disk is the record of the session that is known by `id`. */
export function isSessionRecord(data: unknown, id: string): data is SessionRecord {
  if (isRecord(data, 'session') !== null) return false;
  const record = data as SessionRecord;
  return record.id === id && idOf(record.hash) === id;
}

/** Ends the sessions that came from a token. */
export async function endSessionsOf(
  { id }: Pick<TokenRecord, 'id'>,
  sessions: Book<SessionRecord>,
): Promise<void> {
  for (const { record } of await sessions.list()) {
    if (record.token === id) await sessions.remove(record.id);
  }
}
