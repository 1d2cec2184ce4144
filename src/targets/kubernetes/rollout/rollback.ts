import { splitAppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { TargetOutcome } from '../../model/target.ts';
import { isWorkload, type AppObjects } from '../live/app-objects.ts';
import { fieldsAt } from '../live/fields.ts';
import { wanted, type LiveObject } from '../live/live-object.ts';
import type { ApplyingHow } from './apply-apps.ts';
import { failureOf } from './failure.ts';
import { keptVersions, versionBefore } from './versions.ts';
import { waitFor } from './wait.ts';

/** Applies an earlier version of an app, and waits for it. The file stays as it is: the next apply goes forward again. */
export async function rollBack(
  app: AppObjects,
  histories: readonly LiveObject[],
  to: number | null,
  how: ApplyingHow,
): Promise<Result<TargetOutcome, Failure>> {
  const workload = app.compared.find(({ object, live }) => isWorkload(object) && live !== null)?.live ?? null;
  if (workload === null || (workload.kind !== 'Deployment' && workload.kind !== 'StatefulSet')) {
    return err({
      code: 'NOT_FOUND',
      message: `${app.key} has no versions there`,
      hint:
        workload === null
          ? 'it is not there yet'
          : `a ${workload.kind} keeps none: apply the file as it was before`,
    });
  }
  const version = versionBefore(app.key, workload, keptVersions(workload, histories), to);
  if (!version.ok) return version;
  const { revision, template } = version.value;
  const object = wanted(workload);
  const applied = await how.cluster.apply(
    { ...object, spec: { ...fieldsAt(object, 'spec'), template } },
    { dryRun: false, force: true },
  );
  if (!applied.ok) return applied;
  how.said(`${app.key}: going back to revision ${revision}`);
  const done = [{ app: app.key, what: `back at revision ${revision}` }];
  if (!how.wait) return ok({ done, failures: [] });
  const { project } = splitAppKey(app.key);
  const ended = await waitFor(how.cluster, [{ app: app.key, project, workload: applied.value }], how);
  if (!ended.ok) return ended;
  const end = ended.value.get(app.key);
  if (end?.state === 'done') return ok({ done, failures: [] });
  if (end?.state === 'failed')
    return ok({ done: [], failures: [await failureOf(app.key, end, how.cluster)] });
  const hint = 'the cluster goes on with it; stateward rollout status --target kubernetes shows it';
  return ok({
    done: [],
    failures: [
      how.signal.aborted
        ? { code: 'INTERRUPTED', message: 'interrupted', hint }
        : { code: 'WAIT_TIMEOUT', message: `not done within ${Math.round(how.timeoutMs / 1000)} s`, hint },
    ],
  });
}
