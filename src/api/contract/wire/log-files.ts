import type { AppKey } from '../../../lib/app-key.ts';
import { isFlag, isText, listOf, objectOf, optional } from '../../../lib/checks.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { checked } from '../endpoints/checked.ts';

/** POST /v1/logs/flush: empties the log files of the selected apps. */
export interface FlushRequest {
  readonly selectors: readonly string[];
  /** Removes rotated files too; absent: they stay. */
  readonly rotated?: boolean;
  readonly by: string;
}

export interface FlushResponse {
  /** Each file once, also where several apps or instances write to it. */
  readonly files: readonly FlushedFile[];
}

export interface FlushedFile {
  readonly path: string;
  /** Those of the selected apps that write to it. */
  readonly apps: readonly AppKey[];
  /** Others that write to it too: their lines are gone as well. */
  readonly others: readonly AppKey[];
  /** How large it was. */
  readonly bytes: number;
  /** Rotated files beside it, and their size: removed where that was asked for. */
  readonly rotatedFiles: number;
  readonly rotatedBytes: number;
  /** Why it was left as it is; null: it is empty. */
  readonly skipped: string | null;
}

/** POST /v1/logs/reopen: every log file is looked for anew, after another program has renamed it. */
export interface ReopenRequest {
  readonly by: string;
}

const isFlushRequest = objectOf<FlushRequest>({
  selectors: listOf(isText),
  rotated: optional(isFlag),
  by: isText,
});
const isReopenRequest = objectOf<ReopenRequest>({ by: isText });

export function checkFlushRequest(body: unknown): Result<FlushRequest, Failure> {
  return checked<FlushRequest>(isFlushRequest, body);
}

export function checkReopenRequest(body: unknown): Result<ReopenRequest, Failure> {
  return checked<ReopenRequest>(isReopenRequest, body);
}
