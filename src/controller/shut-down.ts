import type { ApiServer } from '../api/server/server.ts';
import type { Cancel } from '../lib/clock.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { AppSpec } from '../spec/types.ts';
import type { ControllerContext } from './context/context.ts';
import { stopEverything } from './stop-everything.ts';

export interface ShutDownOptions {
  /** Stop the apps and the runner too. */
  readonly all: boolean;
  /** With `all`: fires when whoever asked will not wait, and what is left is to be killed at once. */
  readonly hurry: AbortSignal;
  readonly context: ControllerContext;
  /** What listens to the world for the controller: ended first. */
  readonly listening: readonly Cancel[];
  readonly server: ApiServer | undefined;
  readonly log: (line: string) => void;
}

/**
 * Puts a controller down: the loop first, so that nothing is started any more, then (with `all`) every process, then
 * the runner, or else a word to it to start no other controller. Never throws: what fails is logged.
 */
export async function shutDown({
  all,
  hurry,
  context,
  listening,
  server,
  log,
}: ShutDownOptions): Promise<void> {
  const { loop, driver, store } = context;
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log(`stopping: ${what}: ${String(error)}`);
    }
  };
  for (const cancel of listening) cancel();
  await attempt('loop', () => loop.close());
  // Parked first: whatever happens from here on, the runner does not start a controller behind our back.
  await attempt('runner', () => driver.park());
  if (all) {
    const { clock } = context;
    await attempt('apps', () => stopEverything({ driver, clock, specOf: specsOf(context), hurry }));
    await attempt('runner', () => driver.shutDown());
  }
  await attempt('api', async () => server?.close());
  await attempt('state', () => store.close());
  driver.close();
}

/** How apps are declared, those that leave too. */
function specsOf({ store, leaving }: ControllerContext): (key: AppKey) => AppSpec | undefined {
  const specs = new Map(store.desired().map(({ key, spec }) => [key, spec]));
  return (key) => specs.get(key) ?? leaving.get(key)?.accepted.spec;
}
