import type { Clock } from '../lib/clock.ts';
import type { Driver } from '../driver/driver.ts';
import type { AppKey } from '../lib/app-key.ts';
import { stopOrder, type StopOrder } from '../plan/model/stop-order.ts';
import type { ObservedInstance } from '../plan/model/types.ts';
import { hasRemains } from '../plan/slots/remains.ts';
import type { AppSpec } from '../spec/types.ts';
import { stopWaves } from './context/stop-waves.ts';

export interface StopEverythingOptions {
  readonly driver: Driver;
  readonly clock: Clock;
  /** How an app is declared, or was; undefined: nobody knows any more. */
  readonly specOf: (key: AppKey) => AppSpec | undefined;
  /** Fires when whoever asked will not wait: what is left is killed at once. */
  readonly hurry: AbortSignal;
}

/** After the last grace period the runner kills; this long for it to see the end. */
const MARGIN_MS = 5_000;

/**
 * Stops every process that is ours, dependents before what they depend on; the desired state is not touched, so they
 * come back with the next start.
 */
export async function stopEverything(options: StopEverythingOptions): Promise<void> {
  const { driver, specOf } = options;
  const keys = new Set(liveInstances(driver).map(({ key }) => key));
  const waves = stopWaves([...keys], (key) => Object.keys(specOf(key)?.depends_on ?? {}));
  for (const wave of waves) {
    const members = new Set(wave);
    await stopWave(
      liveInstances(driver).filter(({ key }) => members.has(key)),
      options,
    );
  }
  await forgetEnded(driver);
}

/** Processes that are there and are ours. */
export function liveInstances(driver: Pick<Driver, 'instances'>): readonly ObservedInstance[] {
  return driver
    .instances()
    .filter(({ state }) => state === 'running' || state === 'starting' || state === 'stopping');
}

async function stopWave(live: readonly ObservedInstance[], options: StopEverythingOptions): Promise<void> {
  const { driver, specOf, hurry } = options;
  const orderOf = (key: AppKey): StopOrder => stopOrder(specOf(key), hurry.aborted ? 'kill' : 'orderly');
  const longest = Math.max(0, ...live.map(({ key }) => orderOf(key).drainMs + orderOf(key).graceMs));
  const ended = allEnded(new Set(live.map(({ nonce }) => nonce)), options, longest + MARGIN_MS);
  const stop = (): Promise<unknown> =>
    Promise.all(live.map(({ nonce, key }) => driver.stop(nonce, orderOf(key))));
  // Asked again with no grace, the runner shortens what is under way; what ended meanwhile is refused, as it should be.
  const again = (): void => void stop();
  hurry.addEventListener('abort', again, { once: true });
  await stop();
  await ended;
  hurry.removeEventListener('abort', again);
}

function allEnded(
  waitingFor: Set<string>,
  { driver, clock }: Pick<StopEverythingOptions, 'driver' | 'clock'>,
  timeoutMs: number,
): Promise<void> {
  if (waitingFor.size === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, done);
    const unsubscribe = driver.subscribe((event) => {
      if (event.kind === 'disconnected') done();
      if (event.kind !== 'instance' || event.instance.state !== 'exited') return;
      waitingFor.delete(event.instance.nonce);
      if (waitingFor.size === 0) done();
    });
    function done(): void {
      cancel();
      unsubscribe();
      resolve();
    }
  });
}

/** What has left something behind that lives on stays on record: the next runner goes on about it. */
async function forgetEnded(driver: Driver): Promise<void> {
  const ended = driver.instances().filter((one) => one.state === 'exited' && !hasRemains(one));
  await Promise.all(ended.map(({ nonce }) => driver.forget(nonce)));
}
