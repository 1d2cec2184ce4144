import { ERROR_CODES, type ErrorCode } from '../../lib/error-codes.ts';
import type { Failure } from '../../lib/failure.ts';
import { redactFailure } from '../../spec/secrets/redact-failure.ts';
import { isObject } from '../../lib/checks.ts';
import type { ErrorBody } from './wire/errors.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  USAGE: 400,
  SELECTOR_AMBIGUOUS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION: 403,
  NOT_FOUND: 404,
  SELECTOR_NOT_FOUND: 404,
  EXEC_NOT_FOUND: 404,
  EXEC_NOT_RUNNABLE: 403,
  CONFLICT: 409,
  PLAN_STALE: 409,
  WIPE_GUARD: 409,
  PROTECTED: 409,
  OTHER_ORIGIN: 409,
  TWIN_PROJECT: 409,
  DEPENDENCY_ABSENT: 409,
  DAEMON_UNREACHABLE: 503,
  DAEMON_OUTDATED: 503,
  UPGRADE_FAILED: 500,
  DAEMON_NEWER: 426,
  RUNNER_UNREACHABLE: 503,
  RUNNER_NEWER: 503,
  RUNNER_OLDER: 503,
  RUNNER_SILENT: 503,
  DAEMON_SILENT: 503,
  WAIT_TIMEOUT: 504,
};

/** Longest text of a failure, in characters. */
const MAX_TEXT = 4_000;

/** The HTTP status of a failure. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? (code.startsWith('CONFIG_') ? 422 : 500);
}

/** The answer for an unknown endpoint: an older daemon gives it to a newer command. */
export const NO_SUCH_PATH: Failure = {
  code: 'NOT_FOUND',
  message: 'cannot answer: there is no such path',
};

/** The part of a failure that goes over the wire. */
export function errorBody(failure: Failure): ErrorBody {
  const { code, message, hint, details } = redactFailure(bounded(failure));
  return {
    error: {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    },
  };
}

/** What a client has sent may be part of what it is told, but not of any length. */
function bounded(failure: Failure): Failure {
  const { message, hint, details } = failure;
  return {
    ...failure,
    message: clipped(message),
    ...(hint !== undefined && { hint: clipped(hint) }),
    ...(details !== undefined && { details: details.map(clipped) }),
  };
}

function clipped(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} …`;
}

/** Reads an ErrorBody back. Anything else, and a code that only a newer daemon has, becomes INTERNAL. */
export function failureOf(status: number, body: unknown): Failure {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const { code, message, hint, details } = error;
  if (typeof message !== 'string') {
    return { code: 'INTERNAL', message: `the daemon gave an answer that makes no sense (status ${status})` };
  }
  return {
    code: isErrorCode(code) ? code : 'INTERNAL',
    message,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(Array.isArray(details) ? { details: details.map(String) } : {}),
  };
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}
