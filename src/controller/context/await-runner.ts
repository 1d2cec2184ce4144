import type { HostDriver } from '../../driver/driver.ts';
import type { Clock } from '../../lib/clock.ts';

/** Connects to the runner; resolves when it has answered, or after `patienceMs` without an answer. */
export async function awaitRunner(driver: HostDriver, clock: Clock, patienceMs: number): Promise<void> {
  await driver.open();
  if (driver.reachable || driver.refusal !== null) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(patienceMs, done);
    const unsubscribe = driver.subscribe(({ kind }) => {
      if (kind === 'connected' || kind === 'refused') done();
    });
    function done(): void {
      cancel();
      unsubscribe();
      resolve();
    }
  });
}
