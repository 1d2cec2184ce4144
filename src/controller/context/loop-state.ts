import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clock.ts';
import { FailureError } from '../../lib/failure.ts';
import { indexDependents } from '../../plan/model/host-view.ts';
import type { DesiredApp } from '../../plan/model/types.ts';
import type { LoopState } from '../../reconcile/loop.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { Store } from '../../state/store.ts';
import type { LeavingApps } from './leaving-apps.ts';

export interface LoopStateOptions {
  readonly store: Store;
  readonly leaving: LeavingApps;
  readonly clock: Clock;
}

/** What the loop needs of the store, with the desired state indexed by key until the next commit changes it. */
export function loopState({ store, leaving, clock }: LoopStateOptions): LoopState {
  let indexed: Projects | undefined;
  let index = emptyIndex();
  const current = (): DesiredIndex => {
    const records = store.records();
    if (records !== indexed) {
      indexed = records;
      index = indexDesired(store.desired());
    }
    return index;
  };
  return {
    desiredApp: (key) => current().apps.get(key),
    desiredKeys: () => [...current().apps.keys()],
    owns: ({ key, revision }) => revision <= (store.project(splitAppKey(key).project)?.revision ?? -1),
    leaving: (key) => leaving.get(key),
    gone: (key) => leaving.delete(key),
    dependentsOf: (key) => [...(current().dependents.get(key) ?? []), ...leaving.dependentsOf(key)],
    history: (key) => store.history(key).slots,
    recordHistory: (key, slots) => store.recordHistory(key, slots),
    appendEvent: (event) => void store.appendEvent({ ...event, at: clock.now() }),
    async flushHistory() {
      const flushed = await store.flush();
      if (!flushed.ok) throw new FailureError(flushed.error);
    },
  };
}

interface DesiredIndex {
  readonly apps: ReadonlyMap<AppKey, DesiredApp>;
  readonly dependents: ReadonlyMap<AppKey, readonly AppKey[]>;
}

function emptyIndex(): DesiredIndex {
  return { apps: new Map(), dependents: new Map() };
}

function indexDesired(apps: readonly DesiredApp[]): DesiredIndex {
  return { apps: new Map(apps.map((app) => [app.key, app])), dependents: indexDependents(apps) };
}
