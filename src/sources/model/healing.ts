import type { Failure } from '../../lib/failure.ts';
import type { Healed, SourceRecord } from './record.ts';

/** Between one time and the next, doubled each time. */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 30 * 60_000;
/** After so long without, it begins anew. */
const QUIET_MS = 2 * LONGEST_WAIT_MS;

/** When it may be taken back again: two who undo each other's work are not to go on for ever. */
export function healsAt({ at, times }: Pick<Healed, 'at' | 'times'>): number {
  return at + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, times - 1));
}

/** What people had made otherwise was taken back, as these revisions, or could not be. */
export function healed(
  record: SourceRecord,
  result: { readonly revisions: Readonly<Record<string, number>> } | { readonly failure: Failure },
  now: number,
): SourceRecord {
  const { healed: last, applied, lastGood } = record;
  const isAgain = last !== undefined && now >= last.at && now - last.at < QUIET_MS;
  const times = isAgain ? last.times + 1 : 1;
  if ('failure' in result) return { ...record, healed: { at: now, times, failure: result.failure.message } };
  if (applied === null) return record;
  const { revisions } = result;
  return {
    ...record,
    healed: { at: now, times },
    // What had been overtaken before it had proven itself has to prove itself after all.
    applied: {
      ...applied,
      revisions,
      outcome: applied.outcome === 'superseded' ? 'pending' : applied.outcome,
    },
    lastGood: lastGood?.id === applied.id ? { ...lastGood, revisions } : lastGood,
  };
}
