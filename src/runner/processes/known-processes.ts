import type { ProcessEntry } from './processes.ts';

/** How far the kernel has come with handing out pids, which it does in a circle. */
export interface PidHand {
  /** The pid that it gave last. */
  readonly last: number;
  /** How many it has given since the host booted, or more. */
  readonly given: number;
  /** Where the circle ends. */
  readonly max: number;
}

/**
 * What was seen of processes before. It holds for as long as a pid cannot have been given to another process: those that
 * the hand of the kernel has passed since are forgotten, and all of them when it may have gone round.
 */
export class KnownProcesses {
  readonly #entries = new Map<number, ProcessEntry>();
  #hand: PidHand | null = null;

  /** To be told where the hand is, before processes are looked at; null: nobody knows. */
  turn(hand: PidHand | null): void {
    const before = this.#hand;
    this.#hand = hand;
    if (before === null || hand === null || hand.given - before.given > hand.max / 2) {
      this.#entries.clear();
      return;
    }
    for (const pid of this.#entries.keys()) {
      if (isPassed(pid, before.last, hand.last)) this.#entries.delete(pid);
    }
  }

  get(pid: number): ProcessEntry | undefined {
    return this.#entries.get(pid);
  }

  remember(entry: ProcessEntry): void {
    this.#entries.set(entry.pid, entry);
  }

  /** Drops those that are no more, so that they do not pile up. */
  keepOnly(pids: ReadonlySet<number>): void {
    for (const pid of this.#entries.keys()) if (!pids.has(pid)) this.#entries.delete(pid);
  }
}

function isPassed(pid: number, from: number, to: number): boolean {
  return from <= to ? pid > from && pid <= to : pid > from || pid <= to;
}
