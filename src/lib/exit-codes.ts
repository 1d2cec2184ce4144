/** Exit codes of the command line. A contract: never change one, only add (sysexits.h where it has one). */
export const EXIT = {
  /** Done, or converged. */
  OK: 0,
  /** The operation failed. */
  FAILED: 1,
  /** `plan --detailed-exitcode`: changes are present. */
  CHANGES: 2,
  /** A rollout failed; the previous version was kept or restored. */
  ROLLED_BACK: 3,
  /** Timed out waiting. */
  TIMEOUT: 4,
  /** The saved plan is stale. */
  STALE: 5,
  /** Refused by a guard (prune, protect). */
  GUARD: 6,
  /** Wrong use of the command line (EX_USAGE). */
  USAGE: 64,
  /** The ecosystem file is invalid (EX_DATAERR). */
  INVALID_CONFIG: 65,
  /** The daemon cannot be reached (EX_UNAVAILABLE). */
  UNAVAILABLE: 69,
  /** Not permitted (EX_NOPERM). */
  PERMISSION: 77,
  /** `exec`: the program may not be run. As a shell has it. */
  NOT_RUNNABLE: 126,
  /** `exec`: there is no such program. As a shell has it. */
  NO_PROGRAM: 127,
  /** Interrupted by SIGINT. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of another program, which a command ends with in place of one of its own. */
export function passedOn(code: number): ExitCode {
  return code as ExitCode;
}
