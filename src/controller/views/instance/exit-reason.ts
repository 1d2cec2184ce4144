import type { Reason } from '../../../plan/model/reasons.ts';
import type { InstanceExit } from '../../../plan/model/observed.ts';
import { exitReason, wasAskedFor } from '../../../plan/slots/exits.ts';

/** How a process ended, for people: an end that was asked for is told apart from one by itself. */
export function shownExitReason(exit: InstanceExit): Reason {
  if (exit.killed === true) return 'KillTimeout';
  return wasAskedFor(exit) ? 'StopCompleted' : exitReason(exit);
}
