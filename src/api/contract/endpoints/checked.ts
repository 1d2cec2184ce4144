import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { redactLine } from '../../../spec/secrets/redact.ts';
import type { Check } from '../../../lib/checks.ts';

/** The failure for a request that does not make sense. */
export function badRequest(problem: string): Failure {
  return {
    code: 'BAD_REQUEST',
    message: `cannot take the request: ${problem}`,
    hint: 'the command and the daemon may be of different versions: compare stateward version and stateward daemon status',
  };
}

/** The body with its type, or BAD_REQUEST naming the first thing that is wrong with it. */
export function checked<T>(check: Check, body: unknown): Result<T, Failure> {
  const problem = check(body, 'body');
  return problem === null ? ok(body as T) : err(badRequest(problem));
}

/** Redacts the command, which is kept with the revision for everybody to read. */
export function withoutSecrets<T extends { readonly command: string }>(
  request: Result<T, Failure>,
): Result<T, Failure> {
  return request.ok ? ok({ ...request.value, command: redactLine(request.value.command) }) : request;
}
