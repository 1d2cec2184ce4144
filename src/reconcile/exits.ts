import type { AppKey } from '../lib/app-key.ts';
import { fallbackOf } from '../plan/model/rollout.ts';
import { isUpToDate } from '../plan/slots/effective.ts';
import { recordExit } from '../plan/slots/history.ts';
import { isActive } from '../plan/slots/readiness.ts';
import { exitInfoOf } from '../plan/slots/slot-history.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../plan/model/observed.ts';

/** Where the history of slots is kept. */
export interface HistoryBook {
  history(key: AppKey): readonly SlotHistory[];
  /** Takes effect at once and reaches the disk soon after; `flushHistory` makes sure of it. */
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

/** Records exits that the history does not hold yet, and returns the instances that ended. */
export function takeExitsIntoHistory({
  app,
  instances,
  book,
  random,
}: ExitsContext): readonly ObservedInstance[] {
  const taken: ObservedInstance[] = [];
  for (const instance of instances) {
    const { key, slot, exit } = instance;
    if (exit === null) continue;
    const slots = book.history(key);
    const before = slots.find((history) => history.slot === slot);
    const spec = app === undefined ? NO_SPEC : exitSpec(app, instance, instances);
    const after = recordExit(before, exit, { ...exitInfoOf(instance, app), jitter: random(), spec });
    if (after === before) continue;
    book.recordHistory(key, [...slots.filter((history) => history.slot !== slot), after]);
    taken.push(instance);
  }
  return taken;
}

/**
 * An exit that fails the rollout of its version is followed by no start, so it counts as no restart: the app goes back,
 * or waits where the process before still serves.
 */
function exitSpec(
  app: DesiredApp,
  instance: ObservedInstance,
  instances: readonly ObservedInstance[],
): DesiredApp['spec'] {
  const { spec, rollout, templateHash } = app;
  const fallback = fallbackOf(rollout, spec);
  if (fallback === null || fallback.templateHash === templateHash || !isUpToDate(instance, app)) return spec;
  const isServed = instances.some((other) => other.slot === instance.slot && isActive(other));
  const isLast = spec.rollout.on_failure === 'rollback' || isServed;
  return isLast ? { ...spec, autorestart: false } : spec;
}
