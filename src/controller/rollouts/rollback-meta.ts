import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { plan } from '../../plan/plan.ts';
import type { Observer } from '../../reconcile/observer.ts';
import { acceptedApps, desiredApps } from '../../state/desired/desired.ts';
import { reduce } from '../../state/desired/reducer.ts';
import type { Fact, RevisionMeta } from '../../state/model/types.ts';
import type { Store } from '../../state/store.ts';

export interface RollbackContext {
  readonly store: Pick<Store, 'records' | 'histories'>;
  readonly observer: Pick<Observer, 'instances'>;
  readonly clock: Clock;
}

/** What the history says about the revision that is made when an app goes back because of a failure. */
export function rollbackMeta(
  fact: Fact & { readonly key: AppKey },
  failure: { readonly message: string },
  { store, observer, clock }: RollbackContext,
): RevisionMeta {
  const { project, name } = splitAppKey(fact.key);
  const records = store.records();
  const isMine = ({ key }: { readonly key: DesiredApp['key'] }): boolean =>
    splitAppKey(key).project === project;
  const back = plan(
    desiredApps(reduce(records, fact)).filter(isMine),
    {
      reachable: true,
      instances: observer.instances().filter(isMine),
      history: store.histories().filter(isMine),
      accepted: acceptedApps(records).filter(isMine),
    },
    clock.now(),
  );
  return {
    by: 'stateward',
    command: `rollback of ${name}: ${failure.message}`,
    summary: back.summary,
    changes: back.changes
      .filter(({ app, kind }) => app === fact.key && kind !== 'unchanged')
      .map(({ app, kind, fields }) => ({ app, kind, fields })),
  };
}
