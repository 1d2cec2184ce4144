import type { Clock } from '../../lib/clocks/clock.ts';
import {
  mayBeAlive,
  type ProcessEntry,
  type ProcessIdentity,
  type Processes,
} from '../processes/processes.ts';

export interface Survivors {
  /** Provably the instance's: ours to end. */
  readonly proven: readonly ProcessEntry[];
  /** In its process group, but without proof: only to be named. */
  readonly unproven: readonly ProcessEntry[];
}

export interface SearchedInstance {
  readonly nonce: string;
  /** Its main process, alive or not: never part of what is found. */
  readonly main: Pick<ProcessIdentity, 'pid' | 'startTime'>;
  /**
   * Its process group, where that is known to be its own because the main process was our child or has been seen in it:
   * the kernel gives its number to nobody while the group has members. Null: only what carries the nonce is its own.
   */
  readonly group: number | null;
}

/** Processes of ours that could carry a nonce only by mistake: they are never anybody's leftovers. */
const OURS: ReadonlySet<number> = new Set([process.pid, process.ppid]);
/** Of its time a scan may take one part in so many, however many processes end. */
const REST_FACTOR = 4;
const RETRY_MS = 1_000;

/** Looks for what an instance has left on the host. */
export class SurvivorSearch {
  readonly #processes: Processes;
  readonly #clock: Clock;
  #next: { readonly scan: Promise<readonly ProcessEntry[]>; since: number } | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #restUntil = -Infinity;

  constructor(processes: Processes, clock: Clock) {
    this.#processes = processes;
    this.#clock = clock;
  }

  /** Everything but the main process that carries the nonce or is in its group. */
  async find({ nonce, main, group }: SearchedInstance): Promise<Survivors> {
    const found = await this.#scan(Number(main.startTime) || 0);
    const others = found
      .filter(({ pid }) => pid !== main.pid && !OURS.has(pid))
      .flatMap((entry) => (entry.nonce === nonce ? this.#asItIs(entry) : entry));
    // A process that has the pid of the main one and is not it has had it since: the group may be its own.
    const reused = found.some(({ pid, startTime }) => pid === main.pid && startTime !== main.startTime);
    const isProven = (entry: ProcessEntry): boolean =>
      entry.nonce === nonce || (group !== null && !reused && entry.group === group && entry.nonce === null);
    return {
      proven: others.filter(isProven),
      unproven: others.filter((entry) => entry.group === main.pid && !isProven(entry)),
    };
  }

  /** It may have ended since it was seen first, have gone into a group of its own, and have cleared its environment. */
  #asItIs({ pid, startTime }: ProcessEntry): readonly ProcessEntry[] {
    const stat = this.#processes.stat(pid);
    if (stat === null || stat.zombie || stat.startTime !== startTime) return [];
    const reading = this.#processes.nonce(pid);
    return [{ pid, startTime, group: stat.group, nonce: reading.kind === 'nonce' ? reading.nonce : null }];
  }

  stillAlive(entries: readonly ProcessEntry[]): readonly ProcessEntry[] {
    const { bootId } = this.#processes;
    return entries.filter(({ pid, startTime }) => mayBeAlive(this.#processes, { pid, startTime, bootId }));
  }

  /**
   * Who asks while a scan runs gets the next one: the running one may have passed the process already. All that end
   * meanwhile share it, and a scan that took long is not followed at once by another.
   */
  #scan(since: number): Promise<readonly ProcessEntry[]> {
    if (this.#next !== undefined) {
      this.#next.since = Math.min(this.#next.since, since);
      return this.#next.scan;
    }
    const next = { since, scan: this.#running.then(() => this.#begin()) };
    this.#next = next;
    this.#running = next.scan.catch(() => undefined);
    return next.scan;
  }

  /** Whoever asks waits for it: an instance whose leftovers nobody knows is not over. */
  async #scanAtLast(since: number): Promise<readonly ProcessEntry[]> {
    for (;;) {
      try {
        return await this.#processes.scan(String(since));
      } catch {
        // No descriptor is left, or no memory.
        await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve));
      }
    }
  }

  async #begin(): Promise<readonly ProcessEntry[]> {
    const clock = this.#clock;
    const restMs = this.#restUntil - clock.monotonic();
    if (restMs > 0) await new Promise<void>((resolve) => clock.after(restMs, resolve));
    const since = this.#next?.since ?? 0;
    this.#next = undefined;
    const begun = clock.monotonic();
    const entries = await this.#scanAtLast(since);
    const ended = clock.monotonic();
    this.#restUntil = ended + REST_FACTOR * (ended - begun);
    return entries;
  }
}
