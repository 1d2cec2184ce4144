import { resolveSelectors, type Target } from '../../api/contract/selectors.ts';
import type { MessageResponse } from '../../api/contract/wire/messages.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
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
  const outcomes = await askEach<Outcome>(
    selectors,
    { store, driver },
    outcome('it does not run'),
    async (instance) => outcome(await deliver(instance)),
  );
  return outcomes.ok ? ok({ results: outcomes.value }) : outcomes;
}

type Outcome = Omit<Delivery, 'app' | 'slot'>;

function outcome(problem: string | null): Outcome {
  return { sent: problem === null, message: problem };
}

/** Which process something came of. */
export interface Asked {
  readonly app: AppKey;
  readonly slot: number;
}

/** Asks every live process of what the selectors mean, all at once; `none`: what comes of a slot in which none runs. */
export async function askEach<T extends object>(
  selectors: readonly string[],
  { store, driver }: { readonly store: Store; readonly driver: Pick<Driver, 'instancesOf'> },
  none: T,
  ask: (instance: ObservedInstance) => Promise<T>,
): Promise<Result<readonly (Asked & T)[], Failure>> {
  const targets = resolveSelectors(selectors, catalogue(store));
  if (!targets.ok) return targets;
  const results = await Promise.all(targets.value.map((target) => askSlots(target, driver, none, ask)));
  return ok(results.flat());
}

async function askSlots<T extends object>(
  { key, slot }: Target,
  driver: Pick<Driver, 'instancesOf'>,
  none: T,
  ask: (instance: ObservedInstance) => Promise<T>,
): Promise<readonly (Asked & T)[]> {
  const live = driver
    .instancesOf(key)
    .filter((instance) => isActive(instance) && (slot === null || instance.slot === slot))
    .toSorted((a, b) => a.slot - b.slot);
  if (live.length === 0) return [{ app: key, slot: slot ?? 0, ...none }];
  return Promise.all(
    live.map(async (instance) => ({ app: key, slot: instance.slot, ...(await ask(instance)) })),
  );
}
