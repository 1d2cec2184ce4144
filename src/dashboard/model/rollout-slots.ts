import type { App } from '../../api/contract/wire/apps.ts';

/** How far one slot of a rollout is. */
export interface SlotState {
  readonly slot: number;
  readonly state: 'updated' | 'starting' | 'old' | 'failed' | 'empty';
  readonly revision: number | null;
}

/** Slot by slot: which version is there, and whether it has proven itself. During a surge the newer one counts. */
export function slotStates({ status }: App): readonly SlotState[] {
  const { rollout, instances, desiredInstances } = status;
  const wanted = rollout?.revision ?? status.revision;
  const slots = new Set([...Array.from({ length: desiredInstances }, (_, slot) => slot)]);
  for (const { slot } of instances) slots.add(slot);
  return [...slots]
    .sort((one, other) => one - other)
    .map((slot) => {
      const here = instances
        .filter((one) => one.slot === slot)
        .sort((one, other) => (other.revision ?? 0) - (one.revision ?? 0));
      const [newest] = here;
      const revision = newest?.revision ?? null;
      const isWanted = revision === wanted;
      if (rollout?.slot === slot && rollout.reason !== null) return { slot, revision, state: 'failed' };
      if (newest?.pid == null) return { slot, revision, state: 'empty' };
      if (!isWanted) return { slot, revision, state: 'old' };
      return { slot, revision, state: newest.ready ? 'updated' : 'starting' };
    });
}

/** Rollouts that somebody may want to look at: those that go on or wait, then those that failed. */
export function rolloutsOf(apps: readonly App[]): readonly App[] {
  const order = ['progressing', 'paused', 'failed'];
  return apps
    .filter(({ status }) => order.includes(status.rollout?.state ?? ''))
    .sort(
      (one, other) =>
        order.indexOf(one.status.rollout?.state ?? '') - order.indexOf(other.status.rollout?.state ?? ''),
    );
}
