import type { RunnerErrorCode } from './messages.ts';

/** Why a request cannot be met; becomes the error of its response. */
export class RequestError extends Error {
  readonly code: RunnerErrorCode;

  constructor(code: RunnerErrorCode, message: string) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
  }
}
