import type { Confirmation, Fact, ProjectRecord } from '../model/types.ts';

/** The newest revision is on trial from now on. */
export function askConfirmation(
  record: ProjectRecord,
  { previous, until, by, at }: Extract<Fact, { kind: 'confirmation-asked' }>,
): ProjectRecord {
  const confirmation: Confirmation = { previous, until, by, at };
  return { ...record, confirmation };
}

/** The newest revision stays; the same object when it did anyway. */
export function withoutConfirmation(record: ProjectRecord): ProjectRecord {
  if (record.confirmation === undefined) return record;
  const { confirmation: _, ...settled } = record;
  return settled;
}

/** When the clock of the host is set, the trial lasts as long as it was to. */
export function withMovedConfirmation(record: ProjectRecord, byMs: number): ProjectRecord {
  const { confirmation } = record;
  if (confirmation === undefined) return record;
  const { at, until } = confirmation;
  return { ...record, confirmation: { ...confirmation, at: at + byMs, until: until + byMs } };
}
