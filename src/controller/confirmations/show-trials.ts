import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { Condition } from '../../plan/model/health.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import type { Store } from '../../state/store.ts';
import { viewTrial } from './trial.ts';

/** Shows every app of a project that is on trial as such, until the returned function is called. */
export function showTrials({
  store,
  loop,
}: {
  readonly store: Pick<Store, 'onCommit' | 'projects'>;
  readonly loop: Pick<ReconcileLoop, 'status' | 'submit'>;
}): Cancel {
  let shown: ReadonlySet<AppKey> = new Set();
  const show = (): void => {
    const conditions = new Map(store.projects().flatMap(conditionsOf));
    for (const key of new Set([...shown, ...conditions.keys()])) {
      if (loop.status.report(key, 'Confirmed', conditions.get(key) ?? null)) loop.submit(key, 'condition');
    }
    shown = new Set(conditions.keys());
  };
  show();
  return store.onCommit(show);
}

function conditionsOf(record: ProjectRecord): readonly (readonly [AppKey, Condition])[] {
  const trial = viewTrial(record);
  if (trial === undefined) return [];
  const message = `revision ${trial.revision} is taken back at ${trial.until} unless it is confirmed: stateward apply --confirmed`;
  const condition: Condition = { type: 'Confirmed', status: 'False', reason: 'OnTrial', message };
  return Object.keys(record.apps).map((name) => [appKey(record.project, name), condition] as const);
}
