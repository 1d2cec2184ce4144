import type { Failure } from '../../lib/failure.ts';
import type { Silence } from '../../plan/model/observed.ts';
import type { RunnerInfo } from '../driver.ts';

/** A runner is there and does not answer. */
export interface SilentState {
  readonly kind: 'silent';
  /** Who it is, where it has said so. */
  readonly runner: RunnerInfo | null;
  readonly silence: Silence;
  readonly failure: Failure;
}

/** Finds out who does not answer, and why, given its pid where it has said it, and since when. */
export type DescribeSilent = (
  pid: number | null,
  since: number,
) => { readonly pid: number | null; readonly failure: Failure };

const UNDESCRIBED: Failure = { code: 'RUNNER_SILENT', message: 'the runner does not answer' };

export function silentState(
  runner: RunnerInfo | null,
  since: number,
  describe: DescribeSilent | undefined,
): SilentState {
  const known = runner?.pid ?? null;
  const { pid, failure } = describe?.(known, since) ?? { pid: known, failure: UNDESCRIBED };
  const message = failure.hint === undefined ? failure.message : `${failure.message}; ${failure.hint}`;
  return { kind: 'silent', runner, silence: { pid, since, message }, failure };
}
