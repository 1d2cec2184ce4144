import type { Failure } from '../../lib/failure.ts';

/** What to do when no daemon runs. */
export const START_DAEMON = 'start it with: stateward daemon start';

/** Without a daemon a request is answered once, from the state on disk, so nothing can be followed. */
export const CANNOT_FOLLOW: Failure = {
  code: 'DAEMON_UNREACHABLE',
  message: 'cannot follow what happens: no daemon runs',
  hint: START_DAEMON,
};
