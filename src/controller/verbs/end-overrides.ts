import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { DesiredApp, Override } from '../../plan/model/desired.ts';
import { leftAt, overrideEnd } from '../../plan/model/override-end.ts';
import type { Store } from '../../state/store.ts';

/**
 * Takes overrides back whose time is over, also when that passed while no controller ran: what is declared holds again.
 * Until the returned function is called.
 */
export function endOverrides({ store, clock }: { readonly store: Store; readonly clock: Clock }): Cancel {
  let cancel: Cancel | null = null;
  const look = (): void => {
    cancel?.();
    cancel = null;
    const ends = store
      .desired()
      .flatMap(({ override }) => (override === null ? [] : (overrideEnd(override) ?? [])));
    if (ends.length === 0) return;
    cancel = clock.after(Math.max(0, Math.min(...ends) - clock.now()), () => {
      void endDue({ store, clock }).then((isDone) => {
        // A commit has looked again already. A disk that takes nothing is tried again.
        if (!isDone) cancel = clock.after(AGAIN_MS, look);
      });
    });
  };
  look();
  const unfollow = store.onCommit(look);
  return () => {
    unfollow();
    cancel?.();
  };
}

const AGAIN_MS = 5_000;

async function endDue({ store, clock }: { readonly store: Store; readonly clock: Clock }): Promise<boolean> {
  const now = clock.now();
  const due = store.desired().flatMap((app) => {
    const { override } = app;
    const end = override === null ? null : overrideEnd(override);
    return override === null || end === null || end > now ? [] : [{ app, override }];
  });
  const facts = due.map(({ app: { key }, override }) => ({
    kind: 'override-set' as const,
    key,
    override: leftAt(override, now),
  }));
  const committed = await store.commit(facts);
  if (!committed.ok) return false;
  for (const { app, override } of due) tell(app, override, { store, clock });
  return true;
}

function tell(
  { key, generation }: DesiredApp,
  { run, instances, runUntil, by }: Override,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): void {
  const ofRun = runUntil !== undefined && runUntil <= clock.now();
  const what = ofRun ? (run ?? '') : `scaled to ${instances ?? 0}`;
  store.appendEvent({
    ...{ at: clock.now(), level: 'info', reason: 'OverrideEnded' },
    message: `${what} by ${by} for a while: that is over, and what is declared holds again`,
    ...{ key, slot: null, pid: null, generation },
  });
}
