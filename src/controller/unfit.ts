import { isUpToDate } from '../plan/slots/effective.ts';
import { isActive } from '../plan/slots/readiness.ts';
import type { DesiredApp, FailedVerdict, ObservedInstance } from '../plan/model/types.ts';
import { isInRollout, saysUnfit, unfitnessOf } from '../plan/slots/unfit.ts';
import type { TriggerRestart } from '../triggers/trigger.ts';

/**
 * What a restart says of a version under rollout: that it is not fit to replace the one before it. null: it says nothing
 * of it, or there is nothing to go back to; what is only restarted can be kept for as long as a process from before runs.
 */
export function unfitness(
  app: DesiredApp,
  { slot, reason, detail }: TriggerRestart,
  instances: readonly ObservedInstance[],
): FailedVerdict | null {
  const { rollout, templateHash } = app;
  if (slot === null || !saysUnfit(reason)) return null;
  if (rollout === undefined || rollout.previous === null || rollout.paused?.failure != null) return null;
  if (!isInRollout(slot, rollout.previous, app)) return null;
  const isWorthStarting = app.spec.autorestart && rollout.previous.templateHash !== templateHash;
  const isKept = instances.some(
    (instance) =>
      isActive(instance) && !isUpToDate(instance, app) && unfitnessOf(instance, app) === undefined,
  );
  if (!isWorthStarting && !isKept) return null;
  const unfit = instances.find(
    (instance) => instance.slot === slot && isActive(instance) && isUpToDate(instance, app),
  );
  const failure = { reason, message: `slot ${slot}: ${detail}`, slot };
  return { kind: 'failed', failure, nonce: unfit?.nonce ?? null };
}
