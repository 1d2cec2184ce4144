import type { ReloadInfo, RolloutInfo } from '../../api/contract/wire/apps.ts';
import { isUpToDate } from '../../plan/slots/effective.ts';
import { isAvailable } from '../../plan/slots/readiness.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { hasFailed } from '../../plan/model/rollout.ts';
import type { RolloutFailure, RolloutOutcome, RolloutState } from '../../plan/model/rollout.ts';
import { toRfc3339 } from './wire-values.ts';

/** The rollout of an app as the API shows it; null: there has been none. The first version of an app is
 * none, but for one whose pre_start hook has failed. */
export function viewRollout(
  app: DesiredApp,
  instances: readonly ObservedInstance[],
  totalInstances: number,
): RolloutInfo | null {
  const { rollout, lastRollout } = app;
  if (rollout !== undefined && (rollout.previous !== null || hasFailed(rollout))) {
    const updated = instances.filter(
      (instance) => isUpToDate(instance, app) && isAvailable(instance, app.spec),
    );
    return { ...viewCurrent(app, rollout), updatedInstances: slotsOf(updated), totalInstances };
  }
  if (lastRollout === undefined) return null;
  return { ...viewLast(lastRollout), updatedInstances: updatedAtEnd(app, instances), totalInstances };
}

type Uncounted = Omit<RolloutInfo, 'updatedInstances' | 'totalInstances'>;

function viewCurrent({ generation, revision }: DesiredApp, { paused, startedAt }: RolloutState): Uncounted {
  return {
    state: paused === null ? 'progressing' : 'paused',
    generation,
    revision,
    startedAt: toRfc3339(startedAt),
    endedAt: null,
    reason: paused?.failure?.reason ?? null,
    message: paused?.failure?.message ?? null,
    slot: paused?.failure?.slot ?? null,
    ...outputOf(paused?.failure ?? null),
    pausedBy: paused?.by ?? null,
  };
}

function viewLast({ outcome, generation, revision, at, failure }: RolloutOutcome): Uncounted {
  return {
    state: outcome,
    generation,
    revision,
    startedAt: null,
    endedAt: toRfc3339(at),
    reason: failure?.reason ?? null,
    message: failure?.message ?? null,
    slot: failure?.slot ?? null,
    ...outputOf(failure),
    pausedBy: null,
  };
}

function outputOf(failure: RolloutFailure | null): Pick<RolloutInfo, 'logLines'> {
  return failure?.logLines === undefined ? {} : { logLines: failure.logLines };
}

/**
 * Updated instances after the end: of the present version those that run, of another one those that are left.
 */
function updatedAtEnd(app: DesiredApp, instances: readonly ObservedInstance[]): number {
  const { lastRollout, templateHash, spec } = app;
  if (lastRollout === undefined) return 0;
  const isCurrent = lastRollout.outcome === 'succeeded' || lastRollout.templateHash !== templateHash;
  if (!isCurrent) return 0;
  const version = instances.filter((instance) => instance.templateHash === lastRollout.templateHash);
  return slotsOf(version.filter((instance) => isAvailable(instance, spec)));
}

function slotsOf(instances: readonly ObservedInstance[]): number {
  return new Set(instances.map(({ slot }) => slot)).size;
}

/** The reload of an app as the API shows it; nothing: there has been none. */
export function viewReload({ reload, lastReload, generation }: DesiredApp): { readonly reload?: ReloadInfo } {
  if (reload !== undefined) {
    const { detail, at } = reload;
    const open = { endedAt: null, reason: null, message: null, slot: null };
    return { reload: { state: 'progressing', generation, detail, startedAt: toRfc3339(at), ...open } };
  }
  if (lastReload === undefined) return {};
  const { outcome, detail, at, endedAt, failure } = lastReload;
  return {
    reload: {
      ...{ state: outcome, generation: lastReload.generation, detail },
      ...{ startedAt: toRfc3339(at), endedAt: toRfc3339(endedAt) },
      reason: failure?.reason ?? null,
      message: failure?.message ?? null,
      slot: failure?.slot ?? null,
    },
  };
}
