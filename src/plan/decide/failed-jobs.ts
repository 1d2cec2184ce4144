import { appKey, type AppKey } from '../../lib/app-key.ts';
import { completionsOf } from '../../spec/dependencies.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { FailedVerdict } from '../model/rollout.ts';
import { describeExit } from '../slots/restart-policy.ts';
import { isGivenUp } from '../slots/slot.ts';
import type { AppSlots } from '../slots/slots.ts';

/**
 * Whether a job that runs with every release, and that the app waits for, has failed for good: then the release has failed
 * before any of its processes was started. null: it has not.
 */
export function failedJob(
  app: DesiredApp,
  slotsOf: (key: AppKey) => AppSlots | undefined,
): FailedVerdict | null {
  for (const name of completionsOf(app.spec)) {
    const job = slotsOf(appKey(app.project, name));
    if (job?.app.spec.run !== 'every_release') continue;
    const failed = job.slots.find(isGivenUp);
    if (failed === undefined) continue;
    const exit = failed.history?.lastExit ?? null;
    const how = exit === null ? '' : `: ${describeExit(exit)}`;
    const failure = { reason: 'JobFailed', message: `job ${name} failed${how}`, slot: null } as const;
    return { kind: 'failed', failure, nonce: failed.history?.lastNonce ?? null };
  }
  return null;
}
