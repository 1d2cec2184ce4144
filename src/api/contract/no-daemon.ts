import type { Failure } from '../../lib/failure.ts';

/** The way out where no daemon runs. */
export const START_DAEMON = 'start it with: stateward daemon start';

/** Where no daemon runs, a request is answered once, from the state on disk: nothing can be followed. */
export const CANNOT_FOLLOW: Failure = {
  code: 'DAEMON_UNREACHABLE',
  message: 'cannot follow what happens: no daemon runs',
  hint: START_DAEMON,
};
