import type { AppsQuery } from '../../api/contract/endpoints/queries.ts';
import { listeningPorts } from '../../triggers/probes/listening-ports.ts';
import { sampleLifetimes } from '../../triggers/usage/sample-usage.ts';
import type { ControllerContext } from '../context/context.ts';
import type { AppSources } from './app-queries.ts';

/**
 * What is looked up because somebody asks: files that may have been edited, how much processes use that no round of samples has seen yet, and where they
 * listen, if the query wants that.
 */
export async function firstLook(
  { ports }: AppsQuery,
  { driver, usage, lookForDrift }: Pick<ControllerContext, 'driver' | 'usage' | 'lookForDrift'>,
  sources: AppSources,
): Promise<AppSources> {
  usage.asked();
  await lookForDrift();
  const live = driver
    .instances()
    .flatMap(({ state, pid }) => (state === 'exited' || pid === null ? [] : [pid]));
  const unseen = live.filter((pid) => !usage.samples.has(pid));
  if (unseen.length > 0 && process.platform === 'linux') usage.add(await sampleLifetimes(unseen));
  return ports === true ? { ...sources, ports: await listeningPorts(live) } : sources;
}
