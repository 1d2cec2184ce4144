import { lookAtHost } from './adoption.ts';
import { exitOfGone, fateOf, type Fate } from './fate.ts';
import { restore } from './restored.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { describeInstance } from '../instances/describe-instance.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { isHeld } from '../lock/lock.ts';
import type { MarkContext } from '../marks/mark-context.ts';
import { isAlive } from '../processes/processes.ts';
import type { InstanceLabels } from '../protocol/orders.ts';
import type { RunnerInstance } from '../protocol/reports.ts';

export interface LeftBehindOptions extends MarkContext {
  /** Of the runner of the home. */
  readonly lock: string;
  readonly ledger: string;
  readonly clock: Clock;
}

/**
 * The process table that the next runner of a home would begin with, where none runs now; null: one does. Nothing is
 * touched.
 */
export async function instancesLeftBehind(
  options: LeftBehindOptions,
): Promise<readonly RunnerInstance[] | null> {
  return (await isHeld(options.lock, { folder: options.home })) ? null : await instancesOnHost(options);
}

/** The same, whoever runs: what can be seen of the instances of a home without asking its runner. */
export async function instancesOnHost(
  options: Omit<LeftBehindOptions, 'lock'>,
): Promise<readonly RunnerInstance[]> {
  const { ledger, processes } = options;
  const { entries } = await readLedger(ledger);
  const { ofNonce, found, isOutdated } = await lookAtHost(entries, options);
  const remembered = entries
    .filter((entry) => !isOutdated(entry))
    .map((entry) => describe(entry, fateOf(entry, ofNonce.get(entry.nonce) ?? [], processes), options));
  const marked = found.flatMap(({ entry, main }) => {
    if (main === null) return [];
    return [{ ...describe(entry, { kind: 'ours', identity: main }, options), byMark: true as const }];
  });
  return [...remembered, ...marked];
}

function describe(
  entry: LedgerEntry,
  fate: Fate,
  { clock }: Pick<LeftBehindOptions, 'clock'>,
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

/** The labels of what lives of a home without a runner, and would be stopped by one: one for each instance. */
export async function livingLeftBehind({
  ledger,
  ...marks
}: Pick<LeftBehindOptions, 'ledger'> & MarkContext): Promise<readonly InstanceLabels[]> {
  const { processes } = marks;
  const { entries } = await readLedger(ledger);
  const { ofNonce, found, isOutdated } = await lookAtHost(entries, marks);
  const remembered = entries.filter((entry) => {
    const { nonce, exit, process, leftovers } = entry;
    if (isOutdated(entry)) return false;
    const carriers = ofNonce.get(nonce)?.length ?? 0;
    if (exit === null && process === null) return carriers > 0;
    if (exit === null && process !== null && isAlive(processes, process)) return true;
    return leftovers?.mode === 'end' && carriers > 0;
  });
  const marked = found.filter(({ main, entry }) => main !== null || entry.leftovers?.mode === 'end');
  return [...remembered, ...marked.map(({ entry }) => entry)].map(({ labels }) => labels);
}
