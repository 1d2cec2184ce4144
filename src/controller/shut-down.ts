import type { ApiServer } from '../api/server/server.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import type { Execute } from '../reconcile/executor.ts';
import { unwrittenText } from '../api/contract/unwritten-text.ts';
import { viewUnwritten } from './views/daemon/unwritten.ts';
import type { ControllerContext } from './context/context.ts';
import { stopEverything } from './stop-everything.ts';

export interface ShutDownOptions {
  /** Stop the apps and the runner too. */
  readonly all: boolean;
  /** With `all`: fires when whoever asked will not wait, and what is left is to be killed at once. */
  readonly hurry: AbortSignal;
  readonly context: ControllerContext;
  readonly execute: Execute;
  /** Subscriptions and triggers of the controller: ended first. */
  readonly listening: readonly Cancel[];
  readonly server: ApiServer | undefined;
  readonly log: (line: string) => void;
}

/** How long another runner takes to come, and to find what the one before had. */
const RUNNER_BACK_MS = 5_000;

/**
 * Puts a controller down: the loop first, so that nothing is started any more, then (with `all`) every process, then
 * the runner, or else a word to it to start no other controller. Never throws: what fails is logged.
 */
export async function shutDown({
  all,
  hurry,
  context,
  execute,
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
  // Parked first: from here on the runner starts no other controller, whatever happens.
  await attempt('runner', () => driver.park());
  if (all) {
    const { clock, leaving } = context;
    // Of an app that has come back, what is declared now counts.
    const accepted = [...leaving.accepted(), ...store.accepted()];
    await attempt('apps', () =>
      stopEverything({
        driver,
        execute,
        clock,
        accepted,
        hurry,
        patienceMs: RUNNER_BACK_MS,
        runsHooks: true,
      }),
    );
    // Another runner may have come meanwhile.
    await attempt('runner', () => driver.park());
    await attempt('runner', () => driver.shutDown());
  }
  await attempt('api', async () => server?.close());
  await attempt('state', async () => {
    const left = await store.close();
    if (left !== null) log(`stopping: ${unwrittenText(viewUnwritten(left))}`);
  });
  driver.close();
}
