import type { HostDriver } from '../../driver/driver.ts';
import type { Clock } from '../../lib/clock.ts';

/** Connects to the runner; resolves when it has answered, or is found to be silent, or after `patienceMs` without a runner. */
export async function awaitRunner(driver: HostDriver, clock: Clock, patienceMs: number): Promise<void> {
  await driver.open();
  if (driver.reachable || driver.refusal !== null || driver.silence !== null) return;
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
}
