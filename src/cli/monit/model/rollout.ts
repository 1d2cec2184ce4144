import type { App, RolloutInfo } from '../../../api/contract/wire/apps.ts';

/** Whether a rollout has ended, well or not. */
export function isSettledRollout({ state }: RolloutInfo): boolean {
  return state !== 'progressing' && state !== 'paused';
}

/** The app does not run what was to be rolled out last. */
export function hasFailedRollout({ status: { rollout } }: App): boolean {
  return rollout?.state === 'failed';
}

/** Why an app is not as somebody wants it, the worst first; null: nothing is known of it. */
export function whyOf({ status: { why, problems, rollout } }: App): string | null {
  if (why !== undefined) return why;
  if (rollout?.state === 'failed') {
    return `the rollout of revision ${rollout.revision} has failed: ${rollout.message ?? rollout.reason ?? 'o shows it'}`;
  }
  return problems?.[0]?.message ?? null;
}
