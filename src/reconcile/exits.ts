import type { AppKey } from '../lib/app-key.ts';
import { isUpToDate } from '../plan/effective.ts';
import { recordExit } from '../plan/history.ts';
import type { DesiredApp, ObservedInstance, SlotHistory } from '../plan/types.ts';

/** Where the history of slots is kept. */
export interface HistoryBook {
  history(key: AppKey): readonly SlotHistory[];
  /** Takes effect at once; reaches the disk soon after, and with `flushHistory` for certain. */
  recordHistory(key: AppKey, slots: readonly SlotHistory[]): void;
}

export interface ExitsContext {
  readonly app: DesiredApp | undefined;
  readonly instances: readonly ObservedInstance[];
  readonly book: HistoryBook;
  /** 0 <= random() < 1: the jitter of the back-off is drawn here, so that planning needs no randomness. */
  readonly random: () => number;
}

/** Of an app that has left the desired state: its exits are on record, and lead to nothing. */
const NO_SPEC = { min_uptime: 0, autorestart: false, stop_exit_codes: [], max_restarts: null };

/** Takes exits that the history does not hold yet into it, and gives back the instances that they are of. */
export function takeExitsIntoHistory({
  app,
  instances,
  book,
  random,
}: ExitsContext): readonly ObservedInstance[] {
  const taken: ObservedInstance[] = [];
  for (const instance of instances) {
    const { key, slot, nonce, exit, templateHash, restartGeneration, generation } = instance;
    if (exit === null) continue;
    const slots = book.history(key);
    const before = slots.find((history) => history.slot === slot);
    const spec = app === undefined ? NO_SPEC : exitSpec(app, instance);
    const after = recordExit(before, exit, {
      slot,
      nonce,
      templateHash,
      restartGeneration,
      generation,
      jitter: random(),
      spec,
    });
    if (after === before) continue;
    book.recordHistory(key, [...slots.filter((history) => history.slot !== slot), after]);
    taken.push(instance);
  }
  return taken;
}

/** The exit of a version that is taken back because of it is followed by no start, so it counts as no restart. */
function exitSpec(app: DesiredApp, instance: ObservedInstance): DesiredApp['spec'] {
  const { spec, rollout, templateHash } = app;
  const previous = rollout?.previous ?? null;
  const isTakenBack =
    previous !== null &&
    previous.templateHash !== templateHash &&
    spec.rollout.on_failure === 'rollback' &&
    isUpToDate(instance, app);
  return isTakenBack ? { ...spec, autorestart: false } : spec;
}
