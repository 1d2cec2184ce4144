import { shownExitReason } from '../instance/exit-reason.ts';
import { wasAskedFor } from '../../../plan/slots/exits.ts';
import type { Reason } from '../../../plan/model/reasons.ts';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import type { InstanceExit, SlotHistory } from '../../../plan/model/observed.ts';
import { specFor } from '../../../plan/slots/effective.ts';
import { isReady } from '../../../plan/slots/readiness.ts';

import type { WhyInput } from './input.ts';

/** How it ended; an exit code after which the app is not started again is a reason of its own. */
export function reasonOfExit(exit: InstanceExit, { spec }: DesiredApp): Reason {
  const isByItself = exit.killed !== true && !wasAskedFor(exit);
  const isLast = exit.code !== null && spec.stop_exit_codes.includes(exit.code);
  return isByItself && isLast ? 'StopExitCode' : shownExitReason(exit);
}

/** An exit, and the slot that it was in. */
interface SlotExit {
  readonly slot: number;
  readonly exit: InstanceExit;
}

/** The newest exit of an instance that is down; when none is down, the newest of all. */
export function tellingExit({ app, instances, history }: WhyInput): SlotExit | null {
  const isUp = (slot: number): boolean =>
    instances.some((one) => one.slot === slot && isReady(one, specFor(one, app)));
  const down = history.filter(
    ({ slot, lastExit }) => lastExit !== null && !wasAskedFor(lastExit) && !isUp(slot),
  );
  return newestExit(down) ?? newestExit(history);
}

export function newestExit(history: readonly SlotHistory[]): SlotExit | null {
  return history
    .flatMap(({ slot, lastExit }) => (lastExit === null ? [] : [{ slot, exit: lastExit }]))
    .reduce<SlotExit | null>(
      (newest, one) => (newest === null || one.exit.at > newest.exit.at ? one : newest),
      null,
    );
}
