import { groupBy } from '../../lib/collections.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { restartGenerationOf } from '../../plan/slots/effective.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { Fact } from '../../state/model/types.ts';
import type { Store } from '../../state/store.ts';

export interface FoundRestartsOptions {
  readonly store: Pick<Store, 'desired' | 'commit'>;
  /** What ran when the controller came up. */
  readonly instances: readonly ObservedInstance[];
  readonly log: (line: string) => void;
}

/**
 * Takes over restarts that the state knows nothing of, because a previous version of it had to be taken, or nothing could be
 * written before a controller died: their processes run, and are not to be replaced for being newer than the state.
 */
export async function takeOverRestarts({ store, instances, log }: FoundRestartsOptions): Promise<void> {
  const byKey = groupBy(instances, ({ key }) => key);
  const facts = store.desired().flatMap((app) => foundRestarts(app, byKey.get(app.key) ?? []) ?? []);
  if (facts.length === 0) return;
  const committed = await store.commit(facts);
  const apps = facts.map(({ key }) => key).join(', ');
  log(
    committed.ok
      ? `restarts of ${apps} were not on record: their processes count as they are`
      : `cannot record restarts of ${apps}: ${committed.error.message}`,
  );
}

type FoundRestarts = Extract<Fact, { kind: 'restarts-found' }>;

/**
 * null: there are none. A process of the present version that was started in a generation that the state has not reached;
 * one that it has reached and taken back is older.
 */
export function foundRestarts(app: DesiredApp, instances: readonly ObservedInstance[]): FoundRestarts | null {
  const newer = instances.filter(
    ({ key, templateHash, state, slot, generation, restartGeneration }) =>
      key === app.key &&
      state !== 'exited' &&
      templateHash === app.templateHash &&
      generation > app.generation &&
      restartGeneration > restartGenerationOf(app, slot),
  );
  if (newer.length === 0) return null;
  const slots: Record<string, number> = {};
  for (const { slot, restartGeneration } of newer) {
    slots[slot] = Math.max(slots[slot] ?? 0, restartGeneration - restartGenerationOf(app, slot));
  }
  const key: AppKey = app.key;
  return { kind: 'restarts-found', key, generation: Math.max(...newer.map((one) => one.generation)), slots };
}
