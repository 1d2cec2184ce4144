import type { Clock } from '../lib/clocks/clock.ts';
import type { Driver, HostDriver } from '../driver/driver.ts';
import { runnerBack } from './context/await-runner.ts';
import type { Action } from '../plan/model/actions.ts';
import type { AcceptedApp } from '../plan/model/desired.ts';
import type { ObservedInstance } from '../plan/model/observed.ts';
import { plan } from '../plan/plan.ts';
import type { Execute } from '../reconcile/executor.ts';

export interface StopEverythingOptions {
  readonly driver: Pick<HostDriver, 'instances' | 'reachable' | 'refusal' | 'silence' | 'subscribe'>;
  readonly execute: Execute;
  readonly clock: Clock;
  /** A runner that has died is followed by another one, which has its processes: waited for that long. */
  readonly patienceMs: number;
  /** How apps are declared, or were; others are stopped with the defaults. */
  readonly accepted: readonly AcceptedApp[];
  /** Fires when whoever asked will not wait: what is left is killed at once. */
  readonly hurry: AbortSignal;
}

/** The runner kills after the grace period; it has this long to see the end. */
const MARGIN_MS = 5_000;

type StopAction = Extract<Action, { kind: 'stop' }>;

/**
 * Stops every process that is ours, as the planner says where nothing is desired: dependents before what they depend on.
 * The desired state is not touched, so they come back with the next start.
 *
 *   plan ──stops──▶ all of them have ended, or their time is over ──▶ plan … ──no stops──▶ ended ones are forgotten
 */
export async function stopEverything(options: StopEverythingOptions): Promise<void> {
  const { driver, execute } = options;
  const givenUp = new Set<string>();
  while (await runnerBack(driver, options.clock, options.patienceMs)) {
    const stops = planned(options, givenUp).filter((action) => action.kind === 'stop');
    if (stops.length === 0) break;
    const left = await stopRound(stops, options);
    // What a runner that has died was asked is asked of the next one.
    if (driver.reachable) for (const nonce of left) givenUp.add(nonce);
  }
  // A process that has left something alive behind stays on record: the next runner deals with it.
  const forgets = planned(options, givenUp).filter((action) => action.kind === 'forget');
  await Promise.all(forgets.map((action) => execute(action)));
}

/** The live processes that are ours. */
export function liveInstances(driver: Pick<Driver, 'instances'>): readonly ObservedInstance[] {
  return driver
    .instances()
    .filter(({ state }) => state === 'running' || state === 'starting' || state === 'stopping');
}

function planned(
  { driver, accepted, clock }: StopEverythingOptions,
  givenUp: ReadonlySet<string>,
): readonly Action[] {
  const instances = driver
    .instances()
    .filter(({ nonce }) => !givenUp.has(nonce))
    // A process that is stopping already is asked again, and waited for.
    .map((instance) =>
      instance.state === 'stopping' ? { ...instance, state: 'running' as const } : instance,
    );
  return plan([], { reachable: true, instances, history: [], accepted }, clock.now()).actions;
}

/** Returns those that have not ended in their time. */
async function stopRound(
  stops: readonly StopAction[],
  options: StopEverythingOptions,
): Promise<ReadonlySet<string>> {
  const { execute, hurry } = options;
  const ask = (): Promise<unknown> =>
    Promise.all(stops.map((stop) => execute(hurry.aborted ? { ...stop, how: atOnce(stop.how) } : stop)));
  const longestMs = Math.max(...stops.map(({ how }) => how.drainMs + how.graceMs));
  const left = allEnded(new Set(stops.map(({ nonce }) => nonce)), options, longestMs + MARGIN_MS);
  // Asked again with no grace, the runner shortens what is under way.
  const again = (): void => void ask();
  hurry.addEventListener('abort', again, { once: true });
  await ask();
  const remaining = await left;
  hurry.removeEventListener('abort', again);
  return remaining;
}

function atOnce(how: StopAction['how']): StopAction['how'] {
  return { ...how, drainMs: 0, graceMs: 0 };
}

/** Waits until all have ended, for `timeoutMs` at most; resolves with those that have not. */
function allEnded(
  waitingFor: Set<string>,
  { driver, clock }: Pick<StopEverythingOptions, 'driver' | 'clock'>,
  timeoutMs: number,
): Promise<ReadonlySet<string>> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, done);
    const unsubscribe = driver.subscribe((event) => {
      if (event.kind === 'disconnected' || event.kind === 'silent') done();
      if (event.kind !== 'instance' || event.instance.state !== 'exited') return;
      waitingFor.delete(event.instance.nonce);
      if (waitingFor.size === 0) done();
    });
    function done(): void {
      cancel();
      unsubscribe();
      resolve(waitingFor);
    }
  });
}
