import { exitOfGone, fateOf, groupByNonce, restore } from './adoption.ts';
import type { Clock } from '../../lib/clock.ts';
import { describeInstance } from './instance.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import { readLedger } from '../ledger/ledger.ts';
import { isHeld } from '../lock/lock.ts';
import type { Processes } from '../processes/processes.ts';
import type { RunnerInstance } from '../protocol/reports.ts';

export interface LeftBehindOptions {
  /** Of the runner of the home. */
  readonly lock: string;
  readonly ledger: string;
  readonly clock: Clock;
  readonly processes: Processes;
}

/**
 * The process table that the next runner of a home would begin with, where none runs now; null: one does, or the ledger
 * cannot be read, so that nothing is known. Nothing is touched.
 */
export async function instancesLeftBehind(
  options: LeftBehindOptions,
): Promise<readonly RunnerInstance[] | null> {
  const { lock, ledger, processes } = options;
  if (await isHeld(lock)) return null;
  const read = await readLedger(ledger).catch(() => null);
  if (read === null) return null;
  const { entries } = read;
  const ofNonce = groupByNonce(entries.length > 0 ? await processes.scan() : []);
  return entries.map((entry) =>
    describe(entry, fateOf(entry, ofNonce.get(entry.nonce) ?? [], processes), options),
  );
}

function describe(
  entry: LedgerEntry,
  fate: ReturnType<typeof fateOf>,
  { clock }: LeftBehindOptions,
): RunnerInstance {
  const instance = restore(entry, { clock });
  if (entry.exit !== null) return describeInstance(instance, clock);
  switch (fate.kind) {
    case 'gone':
    case 'left-behind':
    case 'host-restarted':
    case 'never-started': {
      const exit = exitOfGone(fate.kind === 'left-behind' ? 'gone' : fate.kind, entry.at, clock);
      return describeInstance({ ...instance, phase: { state: 'exited', exit } }, clock);
    }
    case 'ours':
    case 'unproven': {
      const state = fate.kind === 'ours' ? 'running' : 'unverified';
      const upMs = Math.max(0, clock.now() - entry.at);
      return { ...describeInstance(instance, clock), state, pid: fate.identity.pid, upMs };
    }
  }
}
