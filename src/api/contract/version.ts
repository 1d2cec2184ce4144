import type { Failure } from '../../lib/failure.ts';

/**
 * The version of the API. A command says its own in every request, the daemon says in every answer which ones it serves,
 * and both compare.
 *
 * - The daemon is older: the command works with what it has, and says once that it is older (OLDER_DAEMON). What it does
 *   not know it refuses, and the command says why (DAEMON_OUTDATED).
 * - The daemon is newer, and serves this version still: there is nothing to say.
 * - The daemon is newer, and does not serve this version any more: it refuses every request, and the command reads no
 *   answer (DAEMON_NEWER). It could take what it reads for something else.
 *
 * A field, an endpoint or a value of an open list is added without a new version. One more is added to API_VERSION when
 * a command needs to know that an older daemon lacks something; OLDEST_SERVED goes up when an older command could
 * misread an answer.
 */
export const API_VERSION = 1;

/** The versions that a daemon serves. */
export interface ServedVersions {
  readonly oldest: number;
  readonly newest: number;
}

export const SERVED: ServedVersions = { oldest: 0, newest: API_VERSION };

/** Carries the version of a request (`1`), and in an answer the versions that are served (`0-1`). */
export const VERSION_HEADER = 'stateward-api';

export function servedText({ oldest, newest }: ServedVersions): string {
  return `${oldest}-${newest}`;
}

/** @param served as in an answer; undefined: it said nothing, and is older than all that do */
export function compareWith(served: string | undefined): 'equal' | 'daemon-older' | 'daemon-newer' {
  const [, oldest = '0', newest = '0'] = /^(\d{1,9})-(\d{1,9})$/.exec(served ?? '') ?? [];
  if (Number(oldest) > API_VERSION) return 'daemon-newer';
  return Number(newest) < API_VERSION ? 'daemon-older' : 'equal';
}

/** Whether a request of this version is served. One that says none may be anybody's, and is. */
export function isServed(version: string | undefined, { oldest }: ServedVersions): boolean {
  return version === undefined || Number(version) >= oldest;
}

const RENEW = 'stateward daemon stop && stateward daemon start';

/** The line that is said once. */
export const OLDER_DAEMON = `the daemon is older than this command: ${RENEW} takes the new version into use; apps keep running`;

/** Why nothing goes on between a command and a daemon that does not serve it any more. */
export const DAEMON_NEWER: Failure = {
  code: 'DAEMON_NEWER',
  message: 'cannot talk to the daemon: it is newer than this command, and does not serve it any more',
  hint: 'install the version that stateward version shows for the daemon, or run the stateward that started it',
};

/** An older daemon has refused what it does not know, in these words. */
export function daemonOutdated({ message }: Failure): Failure {
  return {
    code: 'DAEMON_OUTDATED',
    message: `the daemon is older than this command, and does not know what it is asked for (${message})`,
    hint: `${RENEW} takes the new version into use; apps keep running`,
  };
}
