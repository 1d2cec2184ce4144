import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { Store, Unwritten } from '../../state/store.ts';
import { unwrittenCondition } from '../views/daemon/unwritten.ts';

export interface UnwrittenConditionsOptions {
  readonly store: Pick<Store, 'onUnwritten'>;
  readonly loop: Pick<ReconcileLoop, 'status' | 'submit' | 'submitAll'>;
}

/**
 * Shows apps whose state is not on disk yet as such, until the returned function is called. When everything is written,
 * every app is looked at again: what waited for the disk can go on.
 */
export function showUnwritten({ store, loop }: UnwrittenConditionsOptions): Cancel {
  let shown: ReadonlySet<AppKey> = new Set();
  const show = (unwritten: Unwritten | null): void => {
    const apps = unwritten?.apps ?? [];
    for (const app of apps) {
      if (unwritten === null) continue;
      if (loop.status.report(app.key, 'Saved', unwrittenCondition(unwritten, app)))
        loop.submit(app.key, 'condition');
    }
    const now = new Set(apps.map(({ key }) => key));
    for (const key of shown) {
      if (!now.has(key) && loop.status.report(key, 'Saved', null)) loop.submit(key, 'condition');
    }
    shown = now;
    if (unwritten === null) loop.submitAll('condition');
  };
  return store.onUnwritten(show);
}
