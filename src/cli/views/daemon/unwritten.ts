import { unwrittenText } from '../../../api/contract/unwritten-text.ts';
import type { UnwrittenInfo } from '../../../api/contract/wire/daemon.ts';
import type { Failure } from '../../../lib/failure.ts';

/** The warning of a command whose work holds, and is not on disk yet. */
export function unwrittenWarning(unwritten: UnwrittenInfo): Failure {
  return {
    code: 'STATE_WRITE',
    message: unwrittenText(unwritten),
    hint: `${unwritten.hint}: then it is written by itself`,
  };
}
