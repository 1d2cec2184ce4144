import type { Failure } from '../../lib/failure.ts';
import type { HostWord } from './host-word.ts';
import type { Heard, SourceRecord } from './record.ts';

const KEPT_WORDS = 20;

/** The record with what the host that goes first says of a version. */
export function hears(record: SourceRecord, heard: Heard): SourceRecord {
  return { ...record, heard };
}

/** The others were told of a version, or could not be. */
export function announced(
  record: SourceRecord,
  { version, result }: { readonly version: string; readonly result: HostWord['result'] },
  failure: Failure | null,
  now: number,
): SourceRecord {
  const { words = [], trouble } = record.told ?? {};
  if (failure !== null)
    return { ...record, told: { words, trouble: { at: now, times: (trouble?.times ?? 0) + 1, failure } } };
  const others = words.filter((word) => word.version !== version);
  return { ...record, told: { words: [...others, { version, result }].slice(-KEPT_WORDS) } };
}

/** What could not be told is tried again at once. */
export function toldAgain(record: SourceRecord): SourceRecord {
  const { told } = record;
  return told?.trouble === undefined ? record : { ...record, told: { words: told.words } };
}
