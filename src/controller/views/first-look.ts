import type { AppsQuery } from '../../api/contract/endpoints/queries.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { KnownPorts } from '../../triggers/probes/known-ports.ts';
import { sampleLifetimes } from '../../triggers/usage/sample-usage.ts';
import type { ControllerContext } from '../context/context.ts';
import { logUsageOf } from '../logs/log-usage.ts';
import { selectedKeys, type AppSources } from './app-queries.ts';

type Context = Pick<ControllerContext, 'driver' | 'usage' | 'lookForDrift' | 'store'> & {
  readonly ports: Pick<KnownPorts, 'of'>;
};

/**
 * What is looked up because somebody asks: files that may have been edited, how much processes use that no round of samples has seen yet, and where those
 * that are shown listen, if the query wants that.
 */
export async function firstLook(
  { ports, selectors }: AppsQuery,
  { driver, usage, lookForDrift, store, ports: known }: Context,
  sources: AppSources,
): Promise<AppSources> {
  usage.asked();
  await lookForDrift();
  const live = driver.instances().filter(({ state, pid }) => state !== 'exited' && pid !== null);
  const unseen = live.flatMap(({ pid }) => (pid === null || usage.samples.has(pid) ? [] : [pid]));
  if (unseen.length > 0 && process.platform === 'linux') usage.add(await sampleLifetimes(unseen));
  if (ports !== true) return sources;
  const isShown = shownOf(selectors, store);
  const shown = live.filter(({ key }) => isShown(key));
  const [found, logUsage] = await Promise.all([known.of(shown, live), logUsageOf(driver)]);
  return { ...sources, ports: found, logUsage };
}

/** Selectors that mean nothing are told of by the list. */
function shownOf(selectors: readonly string[], store: Context['store']): (key: AppKey) => boolean {
  const keys = selectedKeys(selectors, store);
  if (!keys.ok) return () => false;
  const selected = keys.value;
  return selected === null ? () => true : (key) => selected.has(key);
}
