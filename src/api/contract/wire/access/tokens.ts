import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { isAmount, isName, isOneOf, isText, nullable, objectOf, type Check } from '../../../../lib/checks.ts';
import { checked } from '../../endpoints/checked.ts';

/** What somebody with a token may do: look, or change things too. */
export type TokenAccess = 'read' | 'write';

/** GET /v1/tokens, and `token list -o json`. Never the tokens themselves, which nobody knows but those who have them. */
export interface TokenList {
  readonly apiVersion: 'v1';
  readonly kind: 'TokenList';
  /** By their names. */
  readonly items: readonly TokenInfo[];
}

export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly access: TokenAccess;
  readonly createdAt: string;
  readonly createdBy: string;
  /** To the minute; null: never. */
  readonly lastUsedAt: string | null;
  /** null: it holds until it is deleted. */
  readonly expiresAt: string | null;
  /** Whether that time has come. */
  readonly expired: boolean;
  /** Browsers that have logged in with it, and still may. */
  readonly sessions: number;
}

/** POST /v1/tokens. */
export interface CreateTokenRequest {
  readonly name: string;
  readonly access: TokenAccess;
  /** How long it holds; null: until it is deleted. */
  readonly forMs: number | null;
  readonly by: string;
}

/** The answer: the one time that the token is told. */
export interface CreatedToken {
  readonly token: string;
  readonly info: TokenInfo;
}

/** POST /v1/tokens/delete. The answer is the token as it was. */
export interface DeleteTokenRequest {
  /** Its name, its id, or the beginning of that. */
  readonly token: string;
  readonly by: string;
}

/** POST /v1/logins: a link that opens the dashboard at the daemon's own listener, once. */
export interface LoginRequest {
  readonly access: TokenAccess;
  readonly by: string;
}

/** The answer. */
export interface Login {
  /** null: nothing listens. */
  readonly url: string | null;
  /** Until when it can be used; null with `url`. */
  readonly expiresAt: string | null;
  /** Why nothing listens though something should, and the way out; null: nothing is wanted, or it listens. */
  readonly problem: Failure | null;
}

/** The longest time that a token can be given: a hundred years. */
export const MAX_TOKEN_MS = 100 * 365 * 86_400_000;
const MAX_NAME = 64;

/** A name that can be typed, printed and put in a log as it is. */
export const TOKEN_NAME = /^[A-Za-z0-9][\w.@-]*$/;
export const TOKEN_NAME_HINT = `a name has letters, digits and . _ @ -, begins with a letter or a digit, and at most ${MAX_NAME} of them`;

const isTokenName: Check = (value, path) =>
  typeof value === 'string' && value.length <= MAX_NAME && TOKEN_NAME.test(value)
    ? null
    : `${path}: ${TOKEN_NAME_HINT}`;

const isTime: Check = (value, path) =>
  isAmount(value, path) ??
  ((value as number) >= 1_000 && (value as number) <= MAX_TOKEN_MS
    ? null
    : `${path} must be from 1 second to 100 years`);

const isAccess = isOneOf('read', 'write');
const isCreate = objectOf<CreateTokenRequest>({
  name: isTokenName,
  access: isAccess,
  forMs: nullable(isTime),
  by: isText,
});
const isDelete = objectOf<DeleteTokenRequest>({ token: isName, by: isText });
const isLogin = objectOf<LoginRequest>({ access: isAccess, by: isText });

export function checkCreateToken(body: unknown): Result<CreateTokenRequest, Failure> {
  return checked<CreateTokenRequest>(isCreate, body);
}

export function checkDeleteToken(body: unknown): Result<DeleteTokenRequest, Failure> {
  return checked<DeleteTokenRequest>(isDelete, body);
}

export function checkLogin(body: unknown): Result<LoginRequest, Failure> {
  return checked<LoginRequest>(isLogin, body);
}
