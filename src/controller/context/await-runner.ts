import type { HostDriver } from '../../driver/driver.ts';
import type { Clock } from '../../lib/clocks/clock.ts';

/** Connects to the runner; resolves when it has answered, or is found to be silent, or after `patienceMs` without a runner. */
export async function awaitRunner(driver: HostDriver, clock: Clock, patienceMs: number): Promise<void> {
  await driver.open();
  await runnerBack(driver, clock, patienceMs);
}

/** The same of a runner that may have gone away: another one is on its way then. Resolves with whether one answers. */
export async function runnerBack(
  driver: Pick<HostDriver, 'reachable' | 'refusal' | 'silence' | 'subscribe'>,
  clock: Clock,
  patienceMs: number,
): Promise<boolean> {
  if (driver.reachable) return true;
  if (patienceMs === 0 || driver.refusal !== null || driver.silence !== null) return false;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(patienceMs, done);
    const unsubscribe = driver.subscribe(({ kind }) => {
      if (kind === 'connected' || kind === 'refused' || kind === 'silent') done();
    });
    function done(): void {
      cancel();
      unsubscribe();
      resolve();
    }
  });
  return driver.reachable;
}
