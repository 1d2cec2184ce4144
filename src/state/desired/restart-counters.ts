import type { AppRecord } from '../model/types.ts';

type Counters = Pick<AppRecord, 'restartGeneration' | 'slotRestarts'>;

/** The counters after a restart of every instance, or of one slot. */
export function nextRestart(app: AppRecord, slot: number | null): Counters {
  const { restartGeneration, slotRestarts, spentRestarts = 0 } = app;
  if (slot === null) {
    const next = Math.max(restartGeneration, spentRestarts) + 1;
    return { restartGeneration: next, ...(slotRestarts !== undefined && { slotRestarts }) };
  }
  const count = Math.max(slotRestarts?.[String(slot)] ?? 0, spentRestarts - restartGeneration) + 1;
  return { restartGeneration, slotRestarts: { ...slotRestarts, [slot]: count } };
}

/** The counters of a new version: above those of every process of one that was taken back, which it may be again. */
export function freshCounters({ restartGeneration, spentRestarts }: AppRecord): Partial<Counters> {
  if (spentRestarts === undefined || restartGeneration > spentRestarts) return {};
  return { restartGeneration: spentRestarts + 1 };
}

/** The highest counter that a process of the app can have been started with. */
export function highestRestart({ restartGeneration, slotRestarts, spentRestarts }: AppRecord): number {
  const ofSlots = Object.values(slotRestarts ?? {});
  return Math.max(spentRestarts ?? 0, restartGeneration + Math.max(0, ...ofSlots));
}
