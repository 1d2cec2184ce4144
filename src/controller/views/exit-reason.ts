import type { Reason } from '../../plan/model/reasons.ts';
import type { InstanceExit } from '../../plan/model/observed.ts';
import { wasAskedFor } from '../../plan/slots/exits.ts';
import { exitReason } from '../../plan/slots/restart-policy.ts';

/** How a process ended, for people: an end that was asked for is told apart from one by itself. */
export function shownExitReason(exit: InstanceExit): Reason {
  if (exit.killed === true) return 'KillTimeout';
  return wasAskedFor(exit) ? 'StopCompleted' : exitReason(exit);
}
