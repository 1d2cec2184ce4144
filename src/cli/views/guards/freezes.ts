import type { FreezeInfo } from '../../../api/contract/wire/guards/freezes.ts';
import { formatSpan } from '../../../lib/units.ts';
import { escapeControls } from '../text/text.ts';

/** One line a freeze. `nowMs`: epoch milliseconds. */
export function renderFreezes(freezes: readonly FreezeInfo[], nowMs: number): string {
  return freezes.map((freeze) => `${escapeControls(lineOf(freeze, nowMs), false)}\n`).join('');
}

function lineOf({ project, by, reason, until, allow }: FreezeInfo, nowMs: number): string {
  const till =
    until === null
      ? 'until somebody lifts it'
      : `for ${formatSpan(Date.parse(until) - nowMs)}, until ${until}`;
  const why = reason === '' ? '' : `: ${reason}`;
  const but = allow.length === 0 ? '' : `; allowed: ${allow.join(', ')}`;
  return `${project ?? 'everything'}  frozen ${till}, by ${by}${why}${but}`;
}
