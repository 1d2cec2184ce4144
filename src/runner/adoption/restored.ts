import { closeSync } from 'node:fs';
import type { Instance } from '../instances/instance.ts';
import { processOf } from '../instances/instance.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { reloadFromRecord } from '../errands/reload-state.ts';
import { nameOfStream, openEnd } from '../marks/origin.ts';
import { fifoPath, openReader } from '../output/fifo.ts';
import { InstanceOutput, type OutputContext } from '../output/instance-output.ts';
import type { StreamName } from '../protocol/reports.ts';

/** The instance of a ledger entry, before it is known what has become of its process. */
export function restore(entry: LedgerEntry, { clock }: { readonly clock: Clock }): Instance {
  const { nonce, labels, logs, io, at, exit, ready, limits, ipc, listening, leftovers, tuning, notify } =
    entry;
  const age = Math.max(0, clock.now() - at);
  return {
    nonce,
    labels,
    logs,
    io,
    adopted: exit === null,
    byMark: false,
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
    activation: entry.sockets === undefined ? null : { addresses: entry.sockets, lost: false },
    limits,
    tuning,
    notify: notify === null ? null : { place: notify, said: {} },
    problems: new Map(),
    leftovers,
    background: null,
    inBackground: null,
    remains: [],
    linesBefore: null,
    reload: reloadFromRecord(entry.reload, clock),
  };
}

export interface ReopenContext {
  readonly output: OutputContext;
  readonly log: (message: string) => void;
  /** Another runner reads it still. */
  readonly isTold?: boolean;
}

/**
 * Reads again what the process of an instance writes; `pid`: it, where a FIFO without a name can be opened through it.
 * An output that cannot be had again is a problem of the instance.
 */
export function reopenOutput(
  instance: Instance,
  pid: number | null,
  { output, log, isTold: paused = false }: ReopenContext,
): void {
  const { nonce, io, labels, logs } = instance;
  const open = (stream: StreamName): number => openAgain(output.folder, io, stream, pid);
  try {
    const out = open('out');
    try {
      const readers = { out, error: open('error') };
      const onEnd = (): void => processOf(instance)?.watch?.expectEnd();
      instance.output = new InstanceOutput(output, {
        io,
        readers,
        settings: { labels, logs },
        onEnd,
        paused,
      });
    } catch (error) {
      closeSync(out);
      throw error;
    }
  } catch (error) {
    const way = 'it goes on, and a restart gives it a new one';
    const message = `what it writes cannot be read any more: ${errorMessage(error)}: ${way}`;
    instance.problems.set('output-lost', message);
    log(`${nonce}: ${message}`);
  }
}

/** Throws the system's error. */
function openAgain(folder: string, io: string, stream: StreamName, pid: number | null): number {
  const path = fifoPath(folder, io, stream);
  try {
    if (io === '') throw new Error('nobody knows the name of its output');
    return openReader(path);
  } catch (error) {
    // Another FIFO or pipe is none of our business: it may be read by somebody.
    const isItsOwn = pid !== null && io !== '' && nameOfStream(pid, stream)?.endsWith(`/io/${io}.${stream}`);
    if (pid === null || isItsOwn !== true) throw error;
    return openReader(openEnd(pid, stream), 'through /proc');
  }
}
