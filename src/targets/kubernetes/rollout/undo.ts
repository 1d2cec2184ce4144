import { splitAppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { isWorkload, type AppObjects } from '../live/app-objects.ts';
import { wanted, type LiveObject } from '../live/live-object.ts';
import { isOwnedBy } from './progress.ts';
import { FAILED_REVISION, numberOf } from './versions.ts';
import { waitFor } from './wait.ts';
import type { TargetWaiting } from '../../model/target.ts';

/** How long the version before is waited for at least: it has run before. */
const UNDO_MS = 60_000;

/**
 * Makes the workload of an app what it was before. Applied as stateward's own, so that the next apply meets no field that
 * somebody else has set, as `kubectl rollout undo` would leave them. Says how it ended.
 */
export async function undo(
  { key, compared }: AppObjects,
  how: Pick<TargetWaiting, 'signal' | 'said'> & { readonly cluster: Cluster; readonly deadline: number },
): Promise<Result<string, Failure>> {
  const { live } = compared.find(({ object }) => isWorkload(object)) ?? { live: null };
  if (live === null) throw new Error('what was not there before cannot be taken back');
  await markFailed(live, how.cluster);
  const applied = await how.cluster.apply(wanted(live), { dryRun: false, force: true });
  if (!applied.ok) return applied;
  how.said(`${key}: taken back to what ran before`);
  const deadline = Math.max(how.deadline, performance.now() + UNDO_MS);
  const awaited = [{ app: key, project: splitAppKey(key).project, workload: applied.value }];
  const ended = await waitFor(how.cluster, awaited, { ...how, deadline });
  if (!ended.ok) return ended;
  const isBack = ended.value.get(key)?.state === 'done';
  return ok(
    isBack ? 'what ran before runs again' : 'what ran before was asked for again, and is not all there yet',
  );
}

/** So that a rollback by hand does not go back to it. Where that is not allowed, nothing else depends on it. */
async function markFailed(workload: LiveObject, cluster: Cluster): Promise<void> {
  const kind = workload.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision';
  const histories = await cluster.list(kind);
  const [newest] = (histories.ok ? histories.value : [])
    .filter((one) => isOwnedBy(one, workload))
    .toSorted((a, b) => numberOf(b) - numberOf(a));
  if (newest === undefined) return;
  const { name } = newest.metadata;
  const annotations = { [FAILED_REVISION]: String(numberOf(newest)) };
  await cluster.apply({ kind, metadata: { name, annotations } }, { dryRun: false, force: true });
}
