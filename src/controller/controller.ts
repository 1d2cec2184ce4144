import { systemClock } from '../lib/clocks/clock.ts';
import { inStep } from '../lib/clocks/in-step.ts';
import type { Failure } from '../lib/failure.ts';
import { err, type Result } from '../lib/result.ts';
import { prepareHome } from '../home/check.ts';
import { whoCanReplace } from '../home/parents.ts';
import { tightenHome } from '../home/tighten.ts';
import { homeLayout } from '../home/layout.ts';
import { keepLock } from '../runner/lock/keep-lock.ts';
import { errorMessage } from '../lib/system-error.ts';
import { acquireLock } from '../runner/lock/lock.ts';
import { USUAL_RETENTION } from '../state/model/retention.ts';
import { openStore } from '../state/open-store.ts';
import { portRange } from './ports/create-port-book.ts';
import { compose, type Controller, type ControllerOptions } from './compose.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

/**
 * Brings up a controller: home, lock, state, runner, loop, API, in this order. Fails with what keeps it from coming up;
 * then nothing was changed.
 */
export async function startController(options: ControllerOptions): Promise<Result<Controller, Failure>> {
  const paths = homeLayout(options.home);
  // Before anything is held that would have to be let go again.
  const range = portRange(options.environment);
  if (!range.ok) return range;
  const prepared = prepareHome(paths);
  if (!prepared.ok) return prepared;
  const lock = await acquireLock(paths.controllerLock, { folder: paths.state });
  if (!lock.held) {
    const who = lock.by === null ? '' : ` (pid ${lock.by})`;
    return err({ code: 'CONFLICT', message: `a controller runs for ${paths.home} already${who}` });
  }
  failpoint('controller.locked');
  const tightened = tightenHome(paths);
  if (!tightened.ok) {
    await lock.lock.release();
    return tightened;
  }
  const replaceable = whoCanReplace(paths.home);
  for (const line of tightened.value) options.log(`home: ${line}`);
  if (replaceable !== null) options.log(`home: ${replaceable}`);
  // The settings are read with the store, and say how much it keeps.
  let retention = USUAL_RETENTION;
  const store = await openStore({
    retention: () => retention,
    dir: paths.state,
    clock: systemClock,
    onError: (error) => options.log(`state: ${errorMessage(error)}`),
  });
  if (!store.ok) {
    await lock.lock.release();
    return store;
  }
  for (const notice of store.value.notices) options.log(`state: ${notice}`);
  const { home, run } = paths;
  const letGo = keepLock(lock.lock, { clock: inStep(systemClock), home, run, log: options.log });
  return compose({
    options,
    portRange: range.value,
    paths,
    store: store.value,
    retain: (next) => (retention = next),
    mended: tightened.value,
    release: () => {
      letGo();
      return lock.lock.release();
    },
  });
}
