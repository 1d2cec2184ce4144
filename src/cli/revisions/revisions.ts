import type { RevisionInfo } from '../../api/contract/wire/revisions.ts';
import { FailureError } from '../../lib/failure.ts';

/** The revision of this number; throws NOT_FOUND, naming those that exist. `of`: `project shop`. */
export function revisionAmong(items: readonly RevisionInfo[], number: number, of: string): RevisionInfo {
  const found = items.find(({ revision }) => revision === number);
  if (found !== undefined) return found;
  const kept = items.map(({ revision }) => revision).toSorted((a, b) => a - b);
  throw new FailureError({
    code: 'NOT_FOUND',
    message: `there is no revision ${number} of ${of}`,
    hint: kept.length === 0 ? 'none is kept' : `kept are ${rangesText(kept)}`,
  });
}

/** `3, 7-9`: numbers in ascending order, with runs joined. */
function rangesText(numbers: readonly number[]): string {
  const runs: { readonly from: number; readonly to: number }[] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && number === last.to + 1) runs[runs.length - 1] = { from: last.from, to: number };
    else runs.push({ from: number, to: number });
  }
  return runs.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
