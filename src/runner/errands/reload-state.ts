import type { Clock } from '../../lib/clocks/clock.ts';
import type { ReloadUnderWay } from './reload-under-way.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import type { RunnerInstance } from '../protocol/reports.ts';

/** The last time that an instance was asked to read its settings again. */
export interface ReloadState {
  readonly count: number;
  readonly state: 'running' | 'done' | 'failed';
  /** Null: it is over. */
  readonly underWay: ReloadUnderWay | null;
  /** When it began, or was over, on the monotonic clock. */
  readonly since: number;
  /** Why it has failed; null: it has not. */
  readonly message: string | null;
}

/** The last reload of an instance, as its line says it. */
export function describeReload(
  reload: ReloadState | null,
  clock: Pick<Clock, 'monotonic'>,
): Pick<RunnerInstance, 'reload'> {
  if (reload === null) return {};
  const { count, state, message } = reload;
  const forMs = Math.max(0, Math.round(clock.monotonic() - reload.since));
  return { reload: { count, state, forMs, ...(message !== null && { message }) } };
}

/** What of it a later runner is told. */
export function reloadOnRecord(
  reload: ReloadState | null,
  clock: Pick<Clock, 'now' | 'monotonic'>,
): LedgerEntry['reload'] {
  if (reload === null) return null;
  const { count, message, since, underWay } = reload;
  return { count, message, at: clock.now() - (clock.monotonic() - since), underWay };
}

/** What an earlier runner has written down. */
export function reloadFromRecord(
  record: LedgerEntry['reload'],
  clock: Pick<Clock, 'now' | 'monotonic'>,
): ReloadState | null {
  if (record === null) return null;
  const { count, message, at, underWay = null } = record;
  const over = message === null ? 'done' : 'failed';
  const age = Math.max(0, clock.now() - at);
  const state = underWay === null ? over : 'running';
  return { count, message, underWay, state, since: clock.monotonic() - age };
}
