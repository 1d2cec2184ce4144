import type { LogUsageInfo } from '../../api/contract/wire/surroundings/recorded.ts';
import type { Driver, HostDriver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';

/** How much apps have written and lost, by app; empty where the runner is too old to know, or not there. */
export async function logUsageOf(
  driver: Pick<HostDriver, 'logUsage'> & Pick<Driver, 'reachable'>,
): Promise<ReadonlyMap<AppKey, LogUsageInfo>> {
  if (!driver.reachable) return new Map();
  const answer = await driver.logUsage();
  return new Map(answer.ok ? answer.value.map(({ app, ...usage }) => [app, usage]) : []);
}
