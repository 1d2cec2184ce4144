import { isText, listOf, objectOf } from '../../../lib/checks.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { checked } from '../endpoints/checked.ts';

/** POST /v1/resets: counts the restarts of the selected apps from 0 again. */
export interface ResetRequest {
  readonly selectors: readonly string[];
  readonly by: string;
}

export interface ResetResponse {
  readonly results: readonly {
    readonly app: AppKey;
    /** How many were counted before. */
    readonly restarts: number;
  }[];
}

const isResetRequest = objectOf<ResetRequest>({ selectors: listOf(isText), by: isText });

export function checkResetRequest(body: unknown): Result<ResetRequest, Failure> {
  return checked<ResetRequest>(isResetRequest, body);
}
