import type { RunnerErrorCode } from './messages.ts';

/** Why a request cannot be met; becomes the error of its response. */
export class RequestError extends Error {
  readonly code: RunnerErrorCode;
  /** The way out, for people. */
  readonly hint: string | undefined;

  constructor(code: RunnerErrorCode, message: string, hint?: string) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.hint = hint;
  }
}

/** Why a process that is `unverified` is left alone. */
export function unproven(nonce: string): RequestError {
  return new RequestError('busy', `${nonce} cannot be proven ours: it is never signalled`);
}
