import type { DriverError } from '../driver/driver.ts';
import type { Result } from '../lib/result.ts';
import type { Action } from '../plan/model/actions.ts';
import type { RolloutFailure, RolloutVerdict } from '../plan/model/rollout.ts';
import type { AppPlan } from '../plan/app-plan.ts';
import type { Executed } from './executor.ts';
import type { RoundAction } from './rounds.ts';

/** An action as its round notes it; nothing of bookkeeping that nobody needs to read. */
export function roundActions(
  action: Action,
  result: Result<Executed, DriverError> | undefined,
): readonly RoundAction[] {
  if (action.kind === 'forget') return [];
  const { kind, slot, reason } = action;
  const failed = result?.ok === false ? result.error.message : (result?.value.instance?.exit?.error ?? null);
  return [{ kind, slot: slot < 0 ? null : slot, reason, error: failed }];
}

/** What a plan has settled, in words. */
export function verdictText({ preStart, rollout, reload }: AppPlan): string {
  if (preStart !== null) return `the pre_start hook has ${endedHow(preStart.failure)}`;
  const failure = rollout === null ? (reload?.failure ?? null) : failureOf(rollout);
  return `the ${rollout === null ? 'reload' : 'rollout'} has ${endedHow(failure?.message ?? null)}`;
}

function failureOf(verdict: RolloutVerdict): RolloutFailure | null {
  return verdict.kind === 'failed' ? verdict.failure : null;
}

function endedHow(failure: string | null): string {
  return failure === null ? 'succeeded' : `failed: ${failure}`;
}
