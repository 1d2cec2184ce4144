import type { Failure } from '../../lib/failure.ts';
import { redactText } from './redact.ts';

/** A failure as it may be shown: what a file, a program or a process said may hold a secret. A frame is masked when it is made. */
export function redactFailure(failure: Failure): Failure {
  const { message, hint, details } = failure;
  return {
    ...failure,
    message: redactText(message),
    ...(hint !== undefined && { hint: redactText(hint) }),
    ...(details !== undefined && { details: details.map(redactText) }),
  };
}
