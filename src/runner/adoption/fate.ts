import type { LedgerEntry } from '../ledger/ledger-record.ts';
import { isAlive, type ProcessEntry, type ProcessIdentity, type Processes } from '../processes/processes.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import type { Clock } from '../../lib/clocks/clock.ts';

/** What became of the process of a ledger entry. */
export type Fate =
  | { readonly kind: 'ours'; readonly identity: ProcessIdentity }
  | { readonly kind: 'unproven'; readonly identity: ProcessIdentity }
  | Gone
  /** The main process is gone, and not all that it has started. */
  | { readonly kind: 'left-behind'; readonly identity: ProcessIdentity };

/** `host-restarted`: it ended with an earlier boot of the host. */
export interface Gone {
  readonly kind: 'gone' | 'host-restarted' | 'never-started';
}

/** `found`: what carries the nonce of the entry and is not of another home. */
export function fateOf(
  { nonce, process, leftovers, byFile }: LedgerEntry,
  found: readonly ProcessEntry[],
  processes: Processes,
): Fate {
  if (process === null) {
    // Planned, and perhaps started without time to write it down: it leads its group and carries the nonce.
    const main = found.find((entry) => entry.group === entry.pid);
    if (main === undefined) return { kind: 'never-started' };
    const { pid, startTime } = main;
    return { kind: 'ours', identity: { pid, startTime, bootId: processes.bootId } };
  }
  if (process.bootId !== processes.bootId) return { kind: 'host-restarted' };
  if (!isAlive(processes, process)) {
    const isLeft = leftovers?.mode === 'end' && found.length > 0;
    return isLeft ? { kind: 'left-behind', identity: process } : { kind: 'gone' };
  }
  const reading = processes.nonce(process.pid);
  const proven = byFile ? reading.kind === 'none' : reading.kind === 'nonce' && reading.nonce === nonce;
  return { kind: proven ? 'ours' : 'unproven', identity: process };
}

/** The exit of a process that nobody has seen end. */
export function exitOfGone(kind: Gone['kind'], startedAt: number, clock: Clock): RunnerExit {
  const isGone = kind !== 'never-started';
  const at = clock.now();
  return {
    code: null,
    signal: null,
    at,
    upMs: isGone ? Math.max(0, at - startedAt) : 0,
    requested: false,
    killed: false,
    ...(kind === 'host-restarted' && { hostRestarted: true as const }),
    ...(kind === 'never-started' && { neverStarted: true as const }),
    error: isGone ? null : 'spawn: the runner ended before it could start it',
  };
}
