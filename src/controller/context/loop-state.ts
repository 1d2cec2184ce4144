import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { indexDependents } from '../../plan/model/host-view.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { LoopState } from '../../reconcile/loop-options.ts';
import type { Store } from '../../state/store.ts';
import type { SecretBook } from '../secrets/secret-book.ts';
import type { LeavingApps } from './leaving-apps.ts';
import type { RecordedTimes } from './recorded-times.ts';

export interface LoopStateOptions {
  readonly store: Store;
  readonly leaving: LeavingApps;
  readonly times: RecordedTimes;
  readonly secrets: Pick<SecretBook, 'forget'>;
}

/** What the loop needs of the store; who depends on whom is worked out once for each state of the records. */
export function loopState({ store, leaving, times, secrets }: LoopStateOptions): LoopState {
  let indexed: readonly DesiredApp[] | undefined;
  let dependents: ReadonlyMap<AppKey, readonly AppKey[]> = new Map();
  const dependentsOf = (key: AppKey): readonly AppKey[] => {
    const apps = store.desired();
    if (apps !== indexed) [indexed, dependents] = [apps, indexDependents(apps)];
    return dependents.get(key) ?? [];
  };
  return {
    desiredApp: (key) => store.desiredApp(key),
    desiredKeys: () => store.desired().map(({ key }) => key),
    owns: ({ key, revision }) => revision <= (store.project(splitAppKey(key).project)?.revision ?? -1),
    leaving: (key) => leaving.get(key),
    gone(key) {
      leaving.delete(key);
      // Until now its shutdown command and its hooks could need them.
      secrets.forget(key);
    },
    dependentsOf: (key) => [...dependentsOf(key), ...leaving.dependentsOf(key)],
    history: (key) => store.history(key).slots,
    hookRecords: (key) => store.history(key).hooks ?? [],
    recordHistory: (key, slots) => store.recordHistory(key, slots),
    appendEvent: (event) => void store.appendEvent({ ...event, at: times.clock.now() }),
    onChange: (listener) => store.onCommit(({ changed }) => listener(changed)),
    now: () => times.now(),
    flushHistory: async () => (await store.flush()).ok,
  };
}
