/**
 * The version of what controller and runner say to each other. Both say theirs in `hello`, and both compare.
 *
 * - The runner is older: it serves. It goes on for as long as its apps do, and the controller of the next release drives
 *   it. It passes over fields that it does not know and answers `unsupported` to requests that it does not know; the
 *   controller knows by its version, and by that answer, what it cannot have of it.
 * - The runner is newer: it refuses, and the controller gives up too where a runner does not refuse. An older controller
 *   could misread what it is told of the apps, and do harm by it. Both say what to do instead.
 *
 * One more is added when an older controller could misread a newer runner, or a newer controller needs to know that an
 * older runner means something else by the same words. What is only added (a field, a request, an event) needs none.
 */
export const PROTOCOL_VERSION = 1;

/** One end of the connection, as it says in `hello`. */
export interface Peer {
  /** Absent: it is older than all that say theirs. */
  readonly protocol?: number;
  /** Version of the program. */
  readonly version: string;
}

/** Why the runner is not driven by the controller, for people; null: it is. */
export function refusalToDrive(
  controller: Peer,
  runner: Peer,
): { readonly message: string; readonly hint: string } | null {
  if ((controller.protocol ?? 0) >= (runner.protocol ?? 0)) return null;
  return {
    message: `the runner that holds the apps (${describe(runner)}) is newer than this daemon (${describe(controller)}) and is not driven by it`,
    hint: `use the stateward that started the runner: "stateward daemon stop" with this one, then "stateward daemon start" with that one; the apps go on`,
  };
}

function describe({ version, protocol }: Peer): string {
  return `version ${version}, protocol ${protocol ?? 'unknown'}`;
}
