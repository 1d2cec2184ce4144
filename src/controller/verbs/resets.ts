import { resolveSelectors } from '../../api/contract/selectors.ts';
import type { ResetRequest, ResetResponse } from '../../api/contract/wire/resets.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { withoutRestarts } from '../../plan/slots/history.ts';
import type { ControllerContext } from '../context/context.ts';
import { catalogue } from '../views/catalogue.ts';

type Counted = ResetResponse['results'][number];

/** POST /v1/resets: the restarts of what the selectors mean are counted from 0 again. */
export function resetCounters(
  { selectors, by }: ResetRequest,
  context: Pick<ControllerContext, 'store' | 'clock'>,
): Result<ResetResponse, Failure> {
  const targets = resolveSelectors(selectors, catalogue(context.store));
  if (!targets.ok) return targets;
  const slotsOf = new Map<AppKey, Set<number | null>>();
  for (const { key, slot } of targets.value) slotsOf.set(key, (slotsOf.get(key) ?? new Set()).add(slot));
  return ok({ results: [...slotsOf].map(([key, slots]) => resetApp(key, slots, { ...context, by })) });
}

/** `slots`: with null, all of them. */
function resetApp(
  key: AppKey,
  slots: ReadonlySet<number | null>,
  { store, clock, by }: Pick<ControllerContext, 'store' | 'clock'> & { readonly by: string },
): Counted {
  const isMeant = (slot: number): boolean => slots.has(null) || slots.has(slot);
  const histories = store.history(key).slots;
  const restarts = histories.reduce(
    (sum, history) => sum + (isMeant(history.slot) ? history.restarts : 0),
    0,
  );
  if (restarts > 0) {
    store.recordHistory(
      key,
      histories.map((history) => (isMeant(history.slot) ? withoutRestarts(history) : history)),
    );
    store.appendEvent({
      ...{ at: clock.now(), level: 'info', reason: 'CountersReset' },
      message: `${by} set the restart counters to 0, from ${restarts}`,
      ...{ key, slot: null, pid: null, generation: store.desiredApp(key)?.generation ?? 0 },
    });
  }
  return { app: key, restarts };
}
