import { isOneOf, isText, nullable, objectOf } from '../../lib/checks.ts';
import type { Book } from './book.ts';
import { hashOf, idOf, isHash, newSecret, sameHash } from './secret.ts';

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
  await book.add(record.id, record, now);
  return { token, record };
}

/** The record of a token that somebody has, also of one whose time is over; null: there is none. */
export async function tokenOf(book: Book<TokenRecord>, token: string): Promise<TokenRecord | null> {
  const hash = hashOf(token);
  const record = (await book.read(idOf(hash)))?.record;
  return record !== undefined && sameHash(record.hash, hash) ? record : null;
}

const isRecord = objectOf<TokenRecord>({
  ...{ id: isText, name: isText, by: isText, createdAt: isText, expiresAt: nullable(isText) },
  access: isOneOf('read', 'write'),
  hash: isHash,
  use: isOneOf('token', 'login'),
});

/** Whether data from a disk is the record of the token that is known by `id`. */
export function isTokenRecord(data: unknown, id: string): data is TokenRecord {
  if (isRecord(data, 'token') !== null) return false;
  const record = data as TokenRecord;
  return record.id === id && idOf(record.hash) === id;
}

/** Whether a time has come; null never does. What cannot be read has. */
export function isOver(at: string | null, now: number): boolean {
  return at !== null && !(Date.parse(at) > now);
}
