import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import type { MetricsDocument } from '../../api/contract/wire/metrics.ts';
import type { ReceiverList } from '../../api/contract/wire/notify/receivers.ts';
import type { SourceList } from '../../api/contract/wire/sources/sources.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { ControllerContext } from '../context/context.ts';
import { listApps, type AppSources } from '../views/app-queries.ts';
import { appFamilies } from './app-families.ts';
import { hostFamilies } from './host-families.ts';
import { ownUse } from './own-use.ts';

interface Host {
  readonly status: DaemonStatus;
  readonly declared: SourceList;
  readonly receivers: ReceiverList;
}

/**
 * GET /v1/metrics: everything that is measured now. Who reads it every few seconds has nothing sampled more often: use is
 * as of the newest round. `sources` has what the agents have answered.
 */
export async function measured(
  sources: AppSources,
  { clock, usage }: Pick<ControllerContext, 'clock' | 'usage'>,
  { status, declared, receivers }: Host,
): Promise<Result<MetricsDocument, Failure>> {
  const apps = await listApps({ selectors: [], spec: 'none', detail: 'brief', agents: true }, sources);
  if (!apps.ok) return apps;
  const families = [
    ...hostFamilies(status, ownUse(status, clock.now()), declared, receivers),
    ...appFamilies(apps.value.items, (pid) => usage.samples.get(pid)?.cpuSeconds ?? null),
  ];
  return ok({ apiVersion: 'v1', kind: 'Metrics', families });
}
