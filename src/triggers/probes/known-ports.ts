import type { ObservedInstance } from '../../plan/model/observed.ts';
import { readListenTable, type ListeningSocket } from './listen-table.ts';
import { heldSockets, isStillHeld, portsOf, type HeldSocket } from './listening-ports.ts';

/** What is asked about; `listening` is what the process itself has said. */
export type AskedInstance = Pick<ObservedInstance, 'pid' | 'nonce' | 'listening' | 'upMs'>;

export interface KnownPortsOptions {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Absent: looked up on the host. */
  readonly readTable?: () => Promise<readonly ListeningSocket[] | null>;
  readonly look?: typeof heldSockets;
  readonly isHeld?: (socket: HeldSocket) => boolean;
  /** Runs work when what is being done is done. */
  readonly later?: (work: () => void) => void;
}

interface Seen {
  readonly nonce: string;
  /** What it had said by then. */
  readonly said: string;
  readonly sockets: readonly HeldSocket[];
  readonly at: number;
  readonly wasYoung: boolean;
}

/** A process so young may be about to be given a socket that others listen on too. */
const YOUNG_MS = 10_000;
/** After this time it is looked again, behind the answer. */
const OLD_MS = 10_000;

/**
 * Where processes listen, by pid. To find that out, all descriptors of all of them are looked at: 20 of each Node. So it is
 * remembered of each process until it can be otherwise: a socket of this host has begun to listen, one of its own does not
 * any more, or it has said so. That leaves one that is handed a socket that listened before by somebody who tells nobody:
 * it is seen with the answer after the next.
 */
export class KnownPorts {
  readonly #options: Required<KnownPortsOptions>;
  readonly #seen = new Map<number, Seen>();
  #inodes: ReadonlySet<string> = new Set();
  #isLooking = false;

  constructor(options: KnownPortsOptions) {
    this.#options = {
      readTable: () => readListenTable('/proc'),
      look: heldSockets,
      isHeld: isStillHeld,
      later: (work) => void setImmediate(work),
      ...options,
    };
  }

  /** The TCP ports of each, and of all below it, ascending; empty where the host does not tell. `all`: every process there is. */
  async of(
    asked: readonly AskedInstance[],
    all: readonly AskedInstance[],
  ): Promise<ReadonlyMap<number, readonly number[]>> {
    const table = asked.length === 0 ? null : await this.#options.readTable();
    if (table === null) return new Map();
    this.#forget(table, all);
    await this.#look(
      asked.filter((instance) => !this.#isKnown(instance)),
      table,
    );
    this.#lookAgain(asked);
    return new Map(
      asked.flatMap(({ pid }) => {
        const seen = pid === null ? undefined : this.#seen.get(pid);
        return pid === null || seen === undefined ? [] : [[pid, portsOf(seen.sockets)]];
      }),
    );
  }

  /** What cannot be relied on: of processes that are gone, and of all where a socket listens that did not before. */
  #forget(table: readonly ListeningSocket[], all: readonly AskedInstance[]): void {
    const before = this.#inodes;
    this.#inodes = new Set(table.map(({ inode }) => inode));
    if (table.some(({ inode }) => !before.has(inode))) this.#seen.clear();
    if (this.#seen.size <= all.length) return;
    const live = new Set(all.map(({ pid }) => pid));
    for (const pid of this.#seen.keys()) if (!live.has(pid)) this.#seen.delete(pid);
  }

  #isKnown({ pid, nonce, listening }: AskedInstance): boolean {
    const seen = pid === null ? undefined : this.#seen.get(pid);
    return (
      seen?.nonce === nonce &&
      !seen.wasYoung &&
      seen.said === saidOf(listening) &&
      seen.sockets.every((socket) => this.#inodes.has(socket.inode) && this.#options.isHeld(socket))
    );
  }

  async #look(instances: readonly AskedInstance[], table: readonly ListeningSocket[]): Promise<void> {
    const pids = instances.flatMap(({ pid }) => (pid === null ? [] : [pid]));
    if (pids.length === 0) return;
    const held = await this.#options.look(pids, table);
    const at = this.#options.now();
    for (const { pid, nonce, listening, upMs } of instances) {
      if (pid === null) continue;
      const sockets = held.get(pid);
      if (sockets === undefined) this.#seen.delete(pid);
      else this.#seen.set(pid, { nonce, said: saidOf(listening), sockets, at, wasYoung: upMs < YOUNG_MS });
    }
  }

  /** Whoever asked does not wait for it. */
  #lookAgain(asked: readonly AskedInstance[]): void {
    const { now, later, readTable } = this.#options;
    const before = now() - OLD_MS;
    const old = asked.filter(({ pid }) => pid !== null && (this.#seen.get(pid)?.at ?? Infinity) < before);
    if (old.length === 0 || this.#isLooking) return;
    this.#isLooking = true;
    const again = async (): Promise<void> => {
      try {
        const table = await readTable();
        if (table !== null) await this.#look(old, table);
      } finally {
        this.#isLooking = false;
      }
    };
    // It only reads, and what it cannot read it leaves out.
    later(() => void again());
  }
}

function saidOf(listening: readonly string[] | undefined): string {
  return listening?.join(' ') ?? '';
}
