import { closeSync } from 'node:fs';
import type { Clock } from '../../lib/clock.ts';
import { fifoPath, openReader } from '../output/fifo.ts';
import type { StreamName } from '../protocol/reports.ts';
import { IdentityWatch } from '../processes/identity-watch.ts';
import { processOf, type Instance, type Phase } from './instance.ts';
import { InstanceOutput, type OutputContext } from '../output/instance-output.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import { isAlive, type ProcessEntry, type ProcessIdentity, type Processes } from '../processes/processes.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import { groupBy } from '../../lib/collections.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

export interface AdoptionContext {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly output: OutputContext;
  /** The process of an adopted or unproven instance is gone. */
  readonly onEnd: (instance: Instance) => void;
  readonly log: (message: string) => void;
}

export interface Adopted {
  readonly instance: Instance;
  /** Its main process has ended since, and something of it lives: the end of it is to be wrapped up. */
  readonly endedMeanwhile: boolean;
  /** What lives of one that the earlier runner had seen exit. */
  readonly leftBehind: readonly ProcessEntry[];
}

/** What became of the process of a ledger entry. */
type Fate =
  | { readonly kind: 'ours'; readonly identity: ProcessIdentity }
  | { readonly kind: 'unproven'; readonly identity: ProcessIdentity }
  | Gone
  /** The main process is gone, and not all that it has started. */
  | { readonly kind: 'left-behind'; readonly identity: ProcessIdentity };

/** `host-restarted`: it ended with an earlier boot of the host. */
interface Gone {
  readonly kind: 'gone' | 'host-restarted' | 'never-started';
}

/**
 * Turns what an earlier runner wrote down into instances. The FIFOs come first: until they are read again, apps
 * queue up behind 64 KiB. Then each process has to prove itself, by boot, start time and nonce; one that is there but
 * cannot is `unverified`, and left alone.
 */
export async function adoptInstances(
  entries: readonly LedgerEntry[],
  context: AdoptionContext,
): Promise<readonly Adopted[]> {
  failpoint('adopt.read');
  const restored = entries.map((entry) => ({ entry, instance: restore(entry, context) }));
  for (const { entry, instance } of restored) {
    if (entry.exit === null) instance.output = reopenOutput(instance, context);
  }
  const scanned = entries.length > 0 ? await context.processes.scan() : [];
  const ofNonce = groupByNonce(scanned);
  return restored.map(({ entry, instance }) => {
    const found = ofNonce.get(entry.nonce) ?? [];
    if (entry.exit !== null) {
      const leftBehind = entry.leftovers?.mode === 'end' ? found : [];
      return { instance, endedMeanwhile: false, leftBehind };
    }
    const fate = fateOf(entry, found, context.processes);
    instance.phase = phaseOf(instance, fate, context);
    return { instance, endedMeanwhile: fate.kind === 'left-behind', leftBehind: [] };
  });
}

/** The processes but our own, by the nonce that they carry; null: those without one. */
export function groupByNonce(
  scanned: readonly ProcessEntry[],
): ReadonlyMap<string | null, readonly ProcessEntry[]> {
  return groupBy(
    scanned.filter(({ pid }) => pid !== process.pid),
    ({ nonce }) => nonce,
  );
}

export function restore(entry: LedgerEntry, { clock }: Pick<AdoptionContext, 'clock'>): Instance {
  const { nonce, labels, logs, io, at, exit, ready, limits, ipc, listening, leftovers } = entry;
  const age = Math.max(0, clock.now() - at);
  return {
    nonce,
    labels,
    logs,
    io,
    adopted: exit === null,
    otherUser: false,
    startedAt: at,
    startedMonotonic: clock.monotonic() - age,
    output: null,
    phase: exit === null ? { state: 'starting', stop: null } : { state: 'exited', exit },
    ready,
    channel: null,
    ipc,
    handover: ipc ? 'awaited' : 'missing',
    listening: listening !== null && exit !== null ? [] : listening,
    limits,
    problems: new Map(),
    leftovers,
    background: null,
    inBackground: null,
    remains: [],
  };
}

function reopenOutput(instance: Instance, { output, log }: AdoptionContext): InstanceOutput | null {
  const { nonce, io, labels, logs } = instance;
  const open = (stream: StreamName): number => openReader(fifoPath(output.folder, io, stream));
  try {
    const out = open('out');
    try {
      const readers = { out, error: open('error') };
      const onEnd = (): void => processOf(instance)?.watch?.expectEnd();
      return new InstanceOutput(output, { io, readers, settings: { labels, logs }, onEnd });
    } catch (error) {
      closeSync(out);
      throw error;
    }
  } catch (error) {
    log(`the output of ${nonce} cannot be read any more: ${errorMessage(error)}`);
    return null;
  }
}

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

function phaseOf(instance: Instance, fate: Fate, context: AdoptionContext): Phase {
  const { clock, processes, onEnd } = context;
  switch (fate.kind) {
    case 'ours':
    case 'unproven': {
      const { identity } = fate;
      const watch = new IdentityWatch(clock, processes, { identity, onEnd: () => onEnd(instance) });
      const state = fate.kind === 'ours' ? 'running' : 'unverified';
      return { state, process: { identity, watch } };
    }
    case 'left-behind':
      return { state: 'running', process: { identity: fate.identity, watch: null } };
    case 'gone':
    case 'host-restarted':
    case 'never-started':
      return { state: 'exited', exit: exitOfGone(fate.kind, instance.startedAt, clock) };
    default:
      return unreachable(fate);
  }
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
    error: isGone ? null : 'spawn: the runner ended before it could start it',
  };
}
