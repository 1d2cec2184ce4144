import type { Failure } from '../../lib/failure.ts';
import { failureOf } from '../contract/failure-status.ts';
import { START_DAEMON } from '../contract/no-daemon.ts';
import { SilentError } from './silence.ts';
import { errorMessage } from '../../lib/system-error.ts';

/** Why the daemon could not be reached: it does not run, access is denied, or it gave no answer that can be read. */
export function connectionFailure(error: unknown, socketPath: string): Failure {
  if (error instanceof SilentError) return error.failure;
  if (error instanceof SyntaxError) return failureOf(0, undefined);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = errorMessage(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      code: 'PERMISSION',
      message: `cannot reach the daemon: ${socketPath} belongs to another user`,
      hint: 'run the command as the user of the daemon, or set STATEWARD_HOME to a home of your own',
    };
  }
  const isAbsent = isNobodyThere(error);
  return {
    code: 'DAEMON_UNREACHABLE',
    message: isAbsent
      ? `cannot reach the daemon: none runs at ${socketPath}`
      : `cannot reach the daemon at ${socketPath}: ${why}`,
    hint: isAbsent ? START_DAEMON : `see stateward daemon status and daemon.log; ${START_DAEMON}`,
  };
}

/** Whether a connection failed because nobody listens, so that nothing was sent. */
export function isNobodyThere(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
