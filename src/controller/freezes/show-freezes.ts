import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import { freezeText, unfreezeCommand } from '../../state/freezes/freeze.ts';
import type { FreezeBook } from '../../state/freezes/freeze-book.ts';
import type { Store } from '../../state/store.ts';

/** Shows every app of a project that is frozen as such, until the returned function is called. */
export function showFreezes({
  freezes,
  store,
  loop,
}: {
  readonly freezes: FreezeBook;
  readonly store: Pick<Store, 'desired' | 'onCommit'>;
  readonly loop: Pick<ReconcileLoop, 'status' | 'submit'>;
}): Cancel {
  let shown: ReadonlySet<AppKey> = new Set();
  const show = (): void => {
    const held = freezes.list();
    if (held.length === 0 && shown.size === 0) return;
    const frozen = new Map(
      store.desired().flatMap(({ key, project }) => {
        const freeze = held.find((one) => one.project === project || one.project === null);
        return freeze === undefined ? [] : [[key, freeze] as const];
      }),
    );
    for (const key of new Set([...shown, ...frozen.keys()])) {
      const freeze = frozen.get(key);
      const message =
        freeze === undefined ? '' : `${freezeText(freeze)}; ${unfreezeCommand(freeze)} lifts it`;
      const condition = { type: 'Changeable', status: 'False', reason: 'ProjectFrozen', message } as const;
      if (loop.status.report(key, 'Changeable', freeze === undefined ? null : condition))
        loop.submit(key, 'condition');
    }
    shown = new Set(frozen.keys());
  };
  show();
  const cancels = [freezes.onChange(show), store.onCommit(show)];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
