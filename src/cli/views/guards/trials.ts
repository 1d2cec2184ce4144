import type { TrialInfo } from '../../../api/contract/wire/guards/confirmations.ts';
import { formatSpan } from '../../../lib/units.ts';

/** What is taken back, when, and what keeps it. `nowMs`: epoch milliseconds. */
export function trialsText(trials: readonly TrialInfo[], nowMs: number): string {
  if (trials.length === 0) return 'nothing changed that could be taken back, so nothing is on trial';
  return trials.map((trial) => trialText(trial, nowMs)).join('\n');
}

function trialText({ project, revision, previous, until }: TrialInfo, nowMs: number): string {
  const back = previous === null ? 'its apps are removed again' : `it goes back to revision ${previous}`;
  const left = formatSpan(Math.max(0, Date.parse(until) - nowMs));
  return `revision ${revision} of ${project} is on trial: in ${left}, at ${until}, ${back}, unless it is confirmed: stateward apply --confirmed`;
}
