import type { Book } from './book.ts';
import { hashOf, idOf, newSecret, sameHash } from './secret.ts';

/** What somebody with a token may do: look, or change things too. */
export type Access = 'read' | 'write';

/** What is kept of a token: never the token itself. Times are RFC 3339. */
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly access: Access;
  /** SHA-256 of the token, in hex. */
  readonly hash: string;
  readonly createdAt: string;
  /** null: it does not end. */
  readonly expiresAt: string | null;
  /** The user who made it. */
  readonly by: string;
  /** `login`: taken once, by a browser, for a session. */
  readonly use: 'token' | 'login';
}

export interface NewToken {
  readonly name: string;
  readonly access: Access;
  readonly by: string;
  readonly use: TokenRecord['use'];
  /** How long it holds; null: until it is deleted. */
  readonly forMs: number | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Says what it is wherever it turns up, to people and to programs that look for secrets. */
const PREFIXES = { token: 'stw_', login: 'stl_' } as const;

/** Makes a token: this is the only time that it is known. */
export async function createToken(
  book: Book<TokenRecord>,
  { name, access, by, use, forMs, now }: NewToken,
): Promise<{ readonly token: string; readonly record: TokenRecord }> {
  const token = `${PREFIXES[use]}${newSecret()}`;
  const hash = hashOf(token);
  const record: TokenRecord = {
    id: idOf(hash),
    ...{ name, access, hash, by, use },
    createdAt: new Date(now).toISOString(),
    expiresAt: forMs === null ? null : new Date(now + forMs).toISOString(),
  };
  await book.add(record.id, record);
  return { token, record };
}

/** What somebody who has `token` may do; null: there is no such token, or its time is over. */
export async function tokenOf(
  book: Book<TokenRecord>,
  token: string,
  now: number,
): Promise<TokenRecord | null> {
  const hash = hashOf(token);
  const record = (await book.read(idOf(hash)))?.record;
  if (record === undefined || !sameHash(record.hash, hash)) return null;
  return isOver(record.expiresAt, now) ? null : record;
}

/** Whether a time has come; null never does. What cannot be read has. */
export function isOver(at: string | null, now: number): boolean {
  return at !== null && !(Date.parse(at) > now);
}
