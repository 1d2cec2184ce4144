import { isText, listOf, nullable, objectOf } from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { checked } from '../../endpoints/checked.ts';

/** POST /v1/confirmations: what was applied on trial stays. */
export interface ConfirmRequest {
  /** null: the only project that has something on trial. */
  readonly projects: readonly string[] | null;
  readonly by: string;
}

export interface ConfirmResponse {
  readonly results: readonly { readonly project: string; readonly revision: number }[];
}

/** A revision that is taken back unless it is confirmed. */
export interface TrialInfo {
  readonly project: string;
  readonly revision: number;
  /** The revision that it goes back to; null: there was no such project before. */
  readonly previous: number | null;
  /** When it is taken back. */
  readonly until: string;
}

const isConfirmRequest = objectOf<ConfirmRequest>({ projects: nullable(listOf(isText)), by: isText });

export function checkConfirmRequest(body: unknown): Result<ConfirmRequest, Failure> {
  return checked<ConfirmRequest>(isConfirmRequest, body);
}
