import { closeSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { fifoPath, openReader, type StreamName } from '../output/fifo.ts';
import { IdentityWatch } from '../processes/identity-watch.ts';
import { processOf, type Instance, type Phase } from './instance.ts';
import { InstanceOutput, type OutputContext } from '../output/instance-output.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import { isAlive, type ProcessEntry, type ProcessIdentity, type Processes } from '../processes/processes.ts';
import type { RunnerExit } from '../protocol/messages.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { unreachable } from '../unreachable.ts';

export interface AdoptionContext {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly output: OutputContext;
  /** The process of an adopted or unproven instance is gone. */
  readonly onEnd: (instance: Instance) => void;
  readonly log: (message: string) => void;
}

/** What became of the process of a ledger entry. */
type Verdict =
  | { readonly kind: 'ours'; readonly identity: ProcessIdentity }
  | { readonly kind: 'unproven'; readonly identity: ProcessIdentity }
  | { readonly kind: 'gone' }
  | { readonly kind: 'never-started' };

/**
 * Turns what an earlier runner wrote down into instances. The FIFOs come first: until they are read again, apps
 * queue up behind 64 KiB. Then each process has to prove itself, by boot, start time and nonce; one that is there but
 * cannot is `unverified`, and left alone.
 */
export async function adoptInstances(
  entries: readonly LedgerEntry[],
  context: AdoptionContext,
): Promise<readonly Instance[]> {
  const instances = entries.map((entry) => ({ entry, instance: restore(entry, context) }));
  const unfinished = instances.filter(({ entry }) => entry.exit === null);
  for (const { instance } of unfinished) instance.output = reopenOutput(instance, context);
  const interrupted = unfinished.some(({ entry }) => entry.process === null);
  const scanned = interrupted ? await context.processes.scan() : [];
  for (const { entry, instance } of unfinished) {
    instance.phase = phaseOf(instance, judge(entry, scanned, context.processes), context);
  }
  return instances.map(({ instance }) => instance);
}

function restore(entry: LedgerEntry, { clock }: AdoptionContext): Instance {
  const { nonce, labels, logs, io, at, exit, ready, limits, listening } = entry;
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
    listening: listening !== null && exit !== null ? [] : listening,
    limits,
    problems: new Map(),
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

function judge(
  { nonce, process }: LedgerEntry,
  scanned: readonly ProcessEntry[],
  processes: Processes,
): Verdict {
  if (process === null) {
    // Planned, and perhaps started without time to write it down: it leads its group and carries the nonce.
    const found = scanned.find((entry) => entry.nonce === nonce && entry.group === entry.pid);
    if (found === undefined) return { kind: 'never-started' };
    const { pid, startTime } = found;
    return { kind: 'ours', identity: { pid, startTime, bootId: processes.bootId } };
  }
  if (!isAlive(processes, process)) return { kind: 'gone' };
  const reading = processes.nonce(process.pid);
  const proven = reading.kind === 'nonce' && reading.nonce === nonce;
  return { kind: proven ? 'ours' : 'unproven', identity: process };
}

function phaseOf(instance: Instance, verdict: Verdict, context: AdoptionContext): Phase {
  const { clock, processes, onEnd } = context;
  switch (verdict.kind) {
    case 'ours':
    case 'unproven': {
      const { identity } = verdict;
      const watch = new IdentityWatch(clock, processes, { identity, onEnd: () => onEnd(instance) });
      const state = verdict.kind === 'ours' ? 'running' : 'unverified';
      return { state, process: { identity, watch } };
    }
    case 'gone':
      return {
        state: 'exited',
        exit: unknownExit(context, { upMs: clock.now() - instance.startedAt, error: null }),
      };
    case 'never-started': {
      const error = 'spawn: the runner ended before it could start it';
      return { state: 'exited', exit: unknownExit(context, { upMs: 0, error }) };
    }
    default:
      return unreachable(verdict);
  }
}

function unknownExit(
  { clock }: AdoptionContext,
  { upMs, error }: { readonly upMs: number; readonly error: string | null },
): RunnerExit {
  const at = clock.now();
  return {
    code: null,
    signal: null,
    at,
    upMs: Math.max(0, upMs),
    requested: false,
    killed: false,
    error,
  };
}
