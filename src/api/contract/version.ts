import type { Failure } from '../../lib/failure.ts';

/**
 * The version of the API. A command sends its version with every request, the daemon sends the versions that it supports
 * with every answer, and both compare.
 *
 * - The daemon is older: the command uses what the daemon offers, and says once that the daemon is older (OLDER_DAEMON).
 *   The daemon refuses what it does not know, and the command explains the refusal (DAEMON_OUTDATED).
 * - The daemon is newer and still supports this version: nothing is said.
 * - The daemon is newer and no longer supports this version: it refuses every request, and the command reads no answer
 *   (DAEMON_NEWER), because it could misread one.
 *
 * Adding a field, an endpoint or a value of an open list needs no new version. Raise API_VERSION when a command needs to
 * know that an older daemon lacks something; raise `oldest` when an older command could misread an answer.
 */
export const API_VERSION = 1;

/** The versions that a daemon supports. */
export interface ServedVersions {
  readonly oldest: number;
  readonly newest: number;
}

export const SERVED: ServedVersions = { oldest: 0, newest: API_VERSION };

/** Carries the version of a request (`1`), and in an answer the supported versions (`0-1`). */
export const VERSION_HEADER = 'stateward-api';

export function servedText({ oldest, newest }: ServedVersions): string {
  return `${oldest}-${newest}`;
}

/** @param served the header of an answer; undefined: the daemon is from before versions */
export function compareWith(served: string | undefined): 'equal' | 'daemon-older' | 'daemon-newer' {
  const [, oldest = '0', newest = '0'] = /^(\d{1,9})-(\d{1,9})$/.exec(served ?? '') ?? [];
  if (Number(oldest) > API_VERSION) return 'daemon-newer';
  return Number(newest) < API_VERSION ? 'daemon-older' : 'equal';
}

/** Whether a request of this version is supported. A request without a version is: it may come from anybody. */
export function isServed(version: string | undefined, { oldest }: ServedVersions): boolean {
  return version === undefined || Number(version) >= oldest;
}

const RENEW = 'stateward daemon upgrade';

/** The note for an older daemon, printed once a command. */
export const OLDER_DAEMON = `the daemon is older than this command: ${RENEW} takes the new version into use; apps keep running`;

/** In an answer: which program gives it, `0.1.0 3155d1a02f80`. */
export const BUILD_HEADER = 'stateward-build';

const OTHER_BUILD = `the daemon runs another build than this command: ${RENEW} takes this one into use; apps keep running`;

/**
 * What to say of a daemon by the program that it says it is (`BUILD_HEADER`; undefined: it is too old to say), to a command
 * of `version` and `build`. Null: nothing, as of a daemon that is newer.
 */
export function noteOnBuild(
  header: string | undefined,
  { version, build }: { readonly version: string; readonly build: string },
): string | null {
  if (build === 'unknown') return null;
  if (header === undefined) return OLDER_DAEMON;
  const [its = '', itsBuild = ''] = header.split(' ');
  if (itsBuild === build || itsBuild === 'unknown') return null;
  const order = compareVersions(its, version);
  return order === 0 ? OTHER_BUILD : order < 0 ? OLDER_DAEMON : null;
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split(/[.-]/).map(Number));
  const differs = [0, 1, 2].find((place) => (a?.[place] ?? 0) !== (b?.[place] ?? 0));
  return differs === undefined ? 0 : (a?.[differs] ?? 0) - (b?.[differs] ?? 0);
}

/** The failure when the daemon no longer supports this command. */
export const DAEMON_NEWER: Failure = {
  code: 'DAEMON_NEWER',
  message: 'cannot talk to the daemon: it is newer than this command, and no longer supports it',
  hint: 'install the version that stateward version shows for the daemon, or run the stateward that started it',
};

/** The failure when an older daemon refused what it does not know, with its words. */
export function daemonOutdated({ message }: Failure): Failure {
  return {
    code: 'DAEMON_OUTDATED',
    message: `the daemon is older than this command, and does not know what it is asked for (${message})`,
    hint: `${RENEW} takes the new version into use; apps keep running`,
  };
}
