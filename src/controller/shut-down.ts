import type { ApiServer } from '../api/server/server.ts';
import type { Cancel } from '../lib/clock.ts';
import type { RunnerDriver } from '../driver/runner-driver.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { ObservedInstance } from '../plan/model/types.ts';
import type { AppSpec } from '../spec/types.ts';
import type { ControllerContext } from './context/context.ts';
import { stopWaves } from './context/stop-waves.ts';

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

/**
 * Stops every process that is ours, dependents before what they depend on; the desired state is not touched, so they
 * come back with the next start.
 */
async function stopEverything(context: ControllerContext): Promise<void> {
  const { driver, store, leaving } = context;
  const specs = new Map(store.desired().map(({ key, spec }) => [key, spec]));
  const specOf = (key: AppKey): AppSpec | undefined => specs.get(key) ?? leaving.get(key)?.accepted.spec;
  const keys = new Set(liveInstances(driver).map(({ key }) => key));
  const waves = stopWaves([...keys], (key) => Object.keys(specOf(key)?.depends_on ?? {}));
  for (const wave of waves) {
    const members = new Set(wave);
    await stopWave(
      liveInstances(driver).filter(({ key }) => members.has(key)),
      specOf,
      context,
    );
  }
  await forgetEnded(driver);
}

function liveInstances(driver: RunnerDriver): readonly ObservedInstance[] {
  return driver
    .instances()
    .filter(({ state }) => state === 'running' || state === 'starting' || state === 'stopping');
}

async function stopWave(
  live: readonly ObservedInstance[],
  specOf: (key: AppKey) => AppSpec | undefined,
  context: ControllerContext,
): Promise<void> {
  const { driver } = context;
  const graceOf = (key: AppKey): number => specOf(key)?.kill_timeout ?? DEFAULT_GRACE_MS;
  // The drain may take as long as the grace that follows it.
  const longest = 2 * Math.max(0, ...live.map(({ key }) => graceOf(key)));
  const ended = allEnded(driver, new Set(live.map(({ nonce }) => nonce)), {
    context,
    timeoutMs: longest + MARGIN_MS,
  });
  await Promise.all(
    live.map(({ nonce, key }) =>
      driver.stop({
        nonce,
        signal: STOP_SIGNAL,
        tree: specOf(key)?.treekill ?? true,
        graceMs: graceOf(key),
        drainMs: graceOf(key),
        message: specOf(key)?.shutdown_with_message ?? false,
      }),
    ),
  );
  await ended;
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
