import type { ApiServer } from '../api/server.ts';
import type { Cancel } from '../lib/clock.ts';
import type { RunnerDriver } from '../driver/runner-driver.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { ObservedInstance } from '../plan/types.ts';
import type { ControllerContext } from './context.ts';

export interface ShutDownOptions {
  /** Stop the apps and the runner too. */
  readonly all: boolean;
  readonly context: ControllerContext;
  readonly triggers: readonly Cancel[];
  readonly server: ApiServer | undefined;
  readonly log: (line: string) => void;
}

const STOP_SIGNAL = 'SIGINT';
const DEFAULT_GRACE_MS = 5_000;
/** After the last grace period the runner kills; this long for it to see the end. */
const MARGIN_MS = 5_000;

/**
 * Puts a controller down: the loop first, so that nothing is started any more, then (with `all`) every process, then
 * the runner, or else a word to it to start no other controller. Never throws: what fails is logged.
 */
export async function shutDown({ all, context, triggers, server, log }: ShutDownOptions): Promise<void> {
  const { loop, driver, store } = context;
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log(`stopping: ${what}: ${String(error)}`);
    }
  };
  for (const cancel of triggers) cancel();
  await attempt('loop', () => loop.close());
  // Parked first: whatever happens from here on, the runner does not start a controller behind our back.
  await attempt('runner', () => driver.park());
  if (all) {
    await attempt('apps', () => stopEverything(context));
    await attempt('runner', () => driver.shutdownRunner());
  }
  await attempt('api', async () => server?.close());
  await attempt('state', () => store.close());
  driver.close();
}

/** Stops every process that is ours; the desired state is not touched, so they come back with the next start. */
async function stopEverything(context: ControllerContext): Promise<void> {
  const { driver, store } = context;
  const live = driver
    .instances()
    .filter(({ state }) => state === 'running' || state === 'starting' || state === 'stopping');
  const specs = new Map(store.desired().map(({ key, spec }) => [key, spec]));
  const graceOf = (key: AppKey): number => specs.get(key)?.kill_timeout ?? DEFAULT_GRACE_MS;
  const longest = Math.max(0, ...live.map(({ key }) => graceOf(key)));
  const ended = allEnded(driver, new Set(live.map(({ nonce }) => nonce)), {
    context,
    timeoutMs: longest + MARGIN_MS,
  });
  await Promise.all(live.map((instance) => stopOne(instance, graceOf(instance.key), context)));
  await ended;
  await forgetEnded(driver);
}

async function stopOne(
  { nonce, key }: ObservedInstance,
  graceMs: number,
  context: ControllerContext,
): Promise<void> {
  const spec = context.store.desired().find((app) => app.key === key)?.spec;
  await context.driver.stop({ nonce, signal: STOP_SIGNAL, tree: spec?.treekill ?? true, graceMs });
}

function allEnded(
  driver: RunnerDriver,
  waitingFor: Set<string>,
  { context, timeoutMs }: { context: ControllerContext; timeoutMs: number },
): Promise<void> {
  if (waitingFor.size === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = context.clock.after(timeoutMs, done);
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

async function forgetEnded(driver: RunnerDriver): Promise<void> {
  const ended = driver.instances().filter(({ state }) => state === 'exited');
  await Promise.all(ended.map(({ nonce }) => driver.forget(nonce)));
}
