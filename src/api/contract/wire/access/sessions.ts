import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { isName, isText, nullable, objectOf } from '../../../../lib/checks.ts';
import { checked } from '../../endpoints/checked.ts';
import type { TokenAccess } from './tokens.ts';

/** GET /v1/sessions, `session list -o json` and `session delete -o json`. Never what their cookies hold. */
export interface SessionList {
  readonly apiVersion: 'v1';
  readonly kind: 'SessionList';
  /** Those that are logged in; the last used first. Of `session delete`: those that it has ended. */
  readonly items: readonly SessionInfo[];
}

/** A browser that is logged in. */
export interface SessionInfo {
  readonly id: string;
  /** The name of the token, or the user who made the link. */
  readonly name: string;
  readonly access: TokenAccess;
  /** What it has logged in with: a token of `token create`, or a link of `dash`. */
  readonly from: 'token' | 'link';
  readonly createdAt: string;
  /** To the minute. */
  readonly lastUsedAt: string;
  /** When it ends if it is not used before. */
  readonly endsAt: string;
  /** When it ends however much it is used. */
  readonly expiresAt: string;
}

/** POST /v1/sessions/delete. The answer are those that have ended. */
export interface DeleteSessionRequest {
  /** Its id, or the beginning of that; null: all. */
  readonly session: string | null;
  readonly by: string;
}

const isDelete = objectOf<DeleteSessionRequest>({ session: nullable(isName), by: isText });

export function checkDeleteSession(body: unknown): Result<DeleteSessionRequest, Failure> {
  return checked<DeleteSessionRequest>(isDelete, body);
}
