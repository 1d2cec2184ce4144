import type { AppStatus } from '../../../api/contract/wire/apps.ts';
import { driftOf, type DriftInput } from '../../../plan/explain/drift/drift-of.ts';
import type { PublishedStatus } from '../../../reconcile/status-table.ts';
import { toRfc3339 } from '../wire-values.ts';

/** How an app differs from what is declared, as the API shows it. */
export function viewDrift(
  app: DriftInput['app'],
  status: PublishedStatus | undefined,
): Pick<AppStatus, 'drift'> {
  const conditions = status?.health.conditions ?? [];
  const drift = driftOf({ app, conditions, since: status?.conditionSince ?? {} });
  if (drift.length === 0) return {};
  return {
    drift: drift.map(({ project: _project, app: _app, since, until, ...rest }) => ({
      ...rest,
      since: since === null ? null : toRfc3339(since),
      ...(until !== undefined && { until: toRfc3339(until) }),
    })),
  };
}
