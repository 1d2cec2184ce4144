import { isRunOpen, servesRun, slotsOfRuns } from '../../plan/slots/schedule.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { SlotHistory } from '../../plan/model/observed.ts';
import type { TriggerInstance } from '../trigger.ts';

/** Runs of one app that may go on at once with `concurrency: allow`. */
const MAX_RUNS = 100;

/** The slot that the next run of a job takes, or why it is skipped: words that follow `which`. */
export function slotOfNextRun(
  app: DesiredApp,
  instances: readonly TriggerInstance[],
  history: readonly SlotHistory[],
): { readonly slot: number } | { readonly skipped: string } {
  const { concurrency } = app.spec;
  const busy = busySlots(app, instances, history);
  if (busy.size > 0 && concurrency === 'forbid') {
    return { skipped: 'was skipped: the run before still goes on' };
  }
  const slot = concurrency === 'allow' ? lowestFree(busy) : 0;
  return slot >= MAX_RUNS ? { skipped: `was skipped: ${MAX_RUNS} runs go on` } : { slot };
}

/** Slots with a process, or with a run that is still to be started. */
function busySlots(
  app: DesiredApp,
  instances: readonly TriggerInstance[],
  history: readonly SlotHistory[],
): ReadonlySet<number> {
  const own = instances.filter(({ key }) => key === app.key);
  const live = own.filter(({ state }) => state !== 'exited');
  // A run that ended while no controller was running is over before its exit is on record.
  const over = new Set(
    own
      .filter(({ slot, state, generation = 0 }) => state === 'exited' && servesRun({ slot, generation }, app))
      .map(({ slot }) => slot),
  );
  const open = slotsOfRuns(app).filter((slot) => {
    const known = history.find((one) => one.slot === slot);
    return !over.has(slot) && isRunOpen(app, slot, known);
  });
  return new Set([...open, ...live.map(({ slot }) => slot)]);
}

function lowestFree(busy: ReadonlySet<number>): number {
  let slot = 0;
  while (busy.has(slot)) slot += 1;
  return slot;
}
