import { resolveSelectors, type Target } from '../../api/contract/selectors.ts';
import type { MessageResponse } from '../../api/contract/wire/messages.ts';
import type { Driver } from '../../driver/driver.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { isActive } from '../../plan/slots/readiness.ts';
import type { Store } from '../../state/store.ts';
import { catalogue } from '../views/catalogue.ts';

type Delivery = MessageResponse['results'][number];

/** Gives something to one process; why it did not get there, null: it did. */
export type Deliver = (instance: ObservedInstance) => Promise<string | null>;

/** Gives something to every live process of what the selectors mean. */
export async function deliverTo(
  selectors: readonly string[],
  { store, driver }: { readonly store: Store; readonly driver: Pick<Driver, 'instancesOf'> },
  deliver: Deliver,
): Promise<Result<MessageResponse, Failure>> {
  const targets = resolveSelectors(selectors, catalogue(store));
  if (!targets.ok) return targets;
  const results = await Promise.all(targets.value.map((target) => deliveries(target, driver, deliver)));
  return ok({ results: results.flat() });
}

async function deliveries(
  { key, slot }: Target,
  driver: Pick<Driver, 'instancesOf'>,
  deliver: Deliver,
): Promise<readonly Delivery[]> {
  const live = driver
    .instancesOf(key)
    .filter((instance) => isActive(instance) && (slot === null || instance.slot === slot))
    .toSorted((a, b) => a.slot - b.slot);
  if (live.length === 0) return [{ app: key, slot: slot ?? 0, sent: false, message: 'it does not run' }];
  return Promise.all(
    live.map(async (instance) => {
      const problem = await deliver(instance);
      return { app: key, slot: instance.slot, sent: problem === null, message: problem };
    }),
  );
}
