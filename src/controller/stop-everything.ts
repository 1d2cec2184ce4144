import type { Clock } from '../lib/clocks/clock.ts';
import type { Driver, HostDriver } from '../driver/driver.ts';
import { runnerBack } from './context/await-runner.ts';
import type { Action } from '../plan/model/actions.ts';
import type { AcceptedApp } from '../plan/model/desired.ts';
import type { ObservedHook, ObservedInstance } from '../plan/model/observed.ts';
import { timeoutOf } from '../plan/hooks/hook-runs.ts';
import { endHooks } from '../plan/hooks/lifecycle.ts';
import { plan } from '../plan/plan.ts';
import type { Execute } from '../reconcile/executor.ts';

export interface StopEverythingOptions {
  readonly driver: Pick<
    HostDriver,
    'instances' | 'hooks' | 'reachable' | 'refusal' | 'silence' | 'subscribe'
  >;
  readonly execute: Execute;
  readonly clock: Clock;
  /** A runner that has died is followed by another one, which has its processes: waited for that long. */
  readonly patienceMs: number;
  /** How apps are declared, or were; others are stopped with the defaults. */
  readonly accepted: readonly AcceptedApp[];
  /** Fires when whoever asked will not wait: what is left is killed at once. */
  readonly hurry: AbortSignal;
  /** Whether hooks of the apps run; without, those that run are ended. */
  readonly runsHooks: boolean;
}

/** The runner kills after the grace period; it has this long to see the end. */
const MARGIN_MS = 5_000;

type StopAction = Extract<Action, { kind: 'stop' }>;
type HookAction = Extract<Action, { kind: 'hook' }>;

/**
 * Stops every process that is ours, as the planner says where nothing is desired: dependents before what they depend on.
 * The desired state is not touched, so they come back with the next start.
 *
 *   plan ──stops, hooks──▶ they have ended, or their time is over ──▶ plan … ──none──▶ ended ones are forgotten
 */
export async function stopEverything(given: StopEverythingOptions): Promise<void> {
  const { driver, execute } = given;
  const givenUp = new Set<string>();
  let options = given;
  while (await runnerBack(driver, options.clock, options.patienceMs)) {
    const actions = planned(options, givenUp);
    const stops = actions.filter((action) => action.kind === 'stop');
    const hooks = actions.filter((action) => action.kind === 'hook');
    if (!(await begin(hooks, execute))) {
      // What cannot be begun is not begun again: the stop is what was asked for.
      options = { ...given, runsHooks: false };
      continue;
    }
    const running = runningHooks(driver, givenUp);
    if (stops.length === 0 && running.length === 0) break;
    if (stops.length === 0) {
      await hooksRound(running, options);
      continue;
    }
    const left = await stopRound(stops, options);
    // What a runner that has died was asked is asked of the next one.
    if (driver.reachable) for (const nonce of left) givenUp.add(nonce);
  }
  // A process that has left something alive behind stays on record: the next runner deals with it.
  const forgets = planned({ ...options, runsHooks: false }, givenUp).filter(({ kind }) => kind === 'forget');
  await Promise.all(forgets.map((action) => execute(action)));
}

/** The live processes that are ours. */
export function liveInstances(driver: Pick<Driver, 'instances'>): readonly ObservedInstance[] {
  return driver.instances().filter(isLive);
}

function isLive({ state }: ObservedInstance): boolean {
  return state === 'running' || state === 'starting' || state === 'stopping';
}

function planned(
  { driver, accepted: declared, clock, hurry, runsHooks }: StopEverythingOptions,
  givenUp: ReadonlySet<string>,
): readonly Action[] {
  const withHooks = runsHooks && !hurry.aborted;
  const accepted = withHooks ? declared : declared.map(withoutHooks);
  const isKnown = ({ nonce }: ObservedInstance): boolean => !givenUp.has(nonce);
  const instances = driver
    .instances()
    .filter(isKnown)
    // A process that is stopping already is asked again, and waited for.
    .map((instance) =>
      instance.state === 'stopping' ? { ...instance, state: 'running' as const } : instance,
    );
  const hooks = driver.hooks().filter(isKnown);
  const observed = { reachable: true, instances, hooks: withHooks ? hooks : [], history: [], accepted };
  const { actions } = plan([], observed, clock.now());
  return withHooks ? actions : [...endHooks(hooks), ...actions];
}

function withoutHooks(app: AcceptedApp): AcceptedApp {
  return { ...app, spec: { ...app.spec, hooks: null } };
}

/** False: one of them could not be begun. */
async function begin(hooks: readonly HookAction[], execute: Execute): Promise<boolean> {
  const begun = await Promise.all(hooks.map((hook) => execute(hook)));
  return begun.every(({ ok }) => ok);
}

/** Hooks that run and are waited for. */
function runningHooks(
  driver: Pick<HostDriver, 'hooks'>,
  givenUp: ReadonlySet<string>,
): readonly ObservedHook[] {
  return driver.hooks().filter((hook) => isLive(hook) && !givenUp.has(hook.nonce));
}

/** Waits until all of the hooks have ended, or the time of one is over: the next plan then ends it. */
async function hooksRound(hooks: readonly ObservedHook[], options: StopEverythingOptions): Promise<void> {
  const leftMs = hooks.map(({ key, state, hook, upMs }) => {
    const spec = options.accepted.find((app) => app.key === key)?.spec;
    return state === 'stopping' ? MARGIN_MS : Math.max(1, timeoutOf(spec, hook.name) - upMs);
  });
  const { hurry } = options;
  await new Promise<void>((resolve) => {
    const done = (): void => resolve();
    hurry.addEventListener('abort', done, { once: true });
    void allEnded(new Set(hooks.map(({ nonce }) => nonce)), options, Math.min(...leftMs)).then(() => {
      hurry.removeEventListener('abort', done);
      resolve();
    });
  });
}

/** Returns those that have not ended in their time. */
async function stopRound(
  stops: readonly StopAction[],
  options: StopEverythingOptions,
): Promise<ReadonlySet<string>> {
  const { execute, hurry } = options;
  const ask = (): Promise<unknown> =>
    Promise.all(
      stops.map((stop) => stopAnyhow(hurry.aborted ? { ...stop, how: atOnce(stop.how) } : stop, execute)),
    );
  const longestMs = Math.max(...stops.map(({ how }) => how.drainMs + how.graceMs));
  // Asked again with no grace, the runner shortens what is under way.
  const again = (): void => void ask();
  hurry.addEventListener('abort', again, { once: true });
  const asked = ask();
  const left = allEnded(new Set(stops.map(({ nonce }) => nonce)), options, longestMs + MARGIN_MS, asked);
  await asked;
  const remaining = await left;
  hurry.removeEventListener('abort', again);
  return remaining;
}

/** A runner that is too old for a shutdown command ends the process by its signal: everything is to go. */
async function stopAnyhow(stop: StopAction, execute: Execute): Promise<unknown> {
  const done = await execute(stop);
  if (done.ok || done.error.code !== 'unsupported') return done;
  const { shutdown: _, ...how } = stop.how;
  return execute({ ...stop, how });
}

function atOnce(how: StopAction['how']): StopAction['how'] {
  return { ...how, drainMs: 0, graceMs: 0 };
}

/**
 * Waits until all have ended; resolves with those that have not when `timeoutMs` have gone by in which none has. The time
 * begins when they were `asked`: on a busy host, a runner with a thousand processes takes a while for the orders alone.
 */
function allEnded(
  waitingFor: Set<string>,
  { driver, clock }: Pick<StopEverythingOptions, 'driver' | 'clock'>,
  timeoutMs: number,
  asked: Promise<unknown> = Promise.resolve(),
): Promise<ReadonlySet<string>> {
  return new Promise((resolve) => {
    let isTimed = false;
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel();
      if (isTimed) cancel = clock.after(timeoutMs, done);
    };
    let isDone = false;
    void asked.then(() => {
      isTimed = !isDone;
      arm();
    });
    const unsubscribe = driver.subscribe((event) => {
      if (event.kind === 'disconnected' || event.kind === 'silent') done();
      if (event.kind !== 'instance' && event.kind !== 'hook') return;
      const { state, nonce } = event.kind === 'hook' ? event.hook : event.instance;
      if (state !== 'exited') return;
      if (!waitingFor.delete(nonce)) return;
      if (waitingFor.size === 0) done();
      else arm();
    });
    function done(): void {
      isDone = true;
      isTimed = false;
      cancel();
      unsubscribe();
      resolve(waitingFor);
    }
  });
}
