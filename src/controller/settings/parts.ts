import { availableParallelism } from 'node:os';
import type { Live } from '../../lib/values/live.ts';
import type { Retention } from '../../state/model/retention.ts';
import type { SettingsBook } from './settings-book.ts';

const STARTS_PER_PROCESSOR = 8;

/** Processes that are being started at once where nobody has set it. */
export function usualStarts(): number {
  return STARTS_PER_PROCESSOR * availableParallelism();
}

/** How often what nobody tells of is looked at, in milliseconds. */
export function intervalsOf(
  book: Pick<SettingsBook, 'select'>,
): Readonly<Record<'resync' | 'usage' | 'code' | 'drift', Live<number>>> {
  return {
    resync: book.select(({ intervals }) => intervals.resyncMs),
    usage: book.select(({ intervals }) => intervals.usageMs),
    code: book.select(({ intervals }) => intervals.codeMs),
    drift: book.select(({ intervals }) => intervals.driftMs),
  };
}

/** Has as much kept of what was as is set, now and at each change. */
export function followRetention(
  book: Pick<SettingsBook, 'select'>,
  retain: (retention: Retention) => void,
): void {
  // Two files of the same size.
  const wanted = book.select(({ limits }) => ({
    revisions: limits.revisions,
    eventFileBytes: limits.eventBytes / 2,
  }));
  retain(wanted.now);
  wanted.onChange(() => retain(wanted.now));
}
