import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import { loopTurns, type Turns } from '../lib/turns/turns.ts';

export interface QueueOptions<K> {
  readonly clock: Clock;
  /** Keys worked on at once; a key is never worked on twice at once. */
  readonly concurrency: number;
  /** Handles the key. When it rejects, the queue tries the key again after a back-off of its own. */
  readonly work: (key: K) => Promise<void>;
  readonly onError: (key: K, error: unknown, retryInMs: number) => void;
  /** The event loop is shared by them where many keys wait. */
  readonly turns?: Turns;
}

const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 30_000;
/** So few that wait are worked on at once: each is a matter of less than a millisecond. */
const FEW = 16;

/**
 * A queue of keys, not of events: what happened is read when the key is worked on.
 *
 *   idle ──add──▶ waiting ──a worker is free──▶ working ──done──▶ idle
 *                    ▲                             │ add
 *                    └────────── done ── again ◀───┘
 *
 * Adding a waiting key does nothing; adding one that is worked on has it worked on once more. Modelled on the work
 * queue of Kubernetes' client-go: dirty set, processing set, delayed adds, back-off per key.
 */
export class KeyedQueue<K extends string> {
  readonly #options: QueueOptions<K>;
  readonly #waiting = new Set<K>();
  readonly #working = new Set<K>();
  readonly #again = new Set<K>();
  readonly #later = new Map<K, { readonly dueAt: number; readonly cancel: Cancel }>();
  readonly #failures = new Map<K, number>();
  readonly #idleListeners: (() => void)[] = [];
  readonly #turns: Turns;
  #closed = false;
  /** Others have their turn. */
  #rests = false;
  /** So many that are worked on take up no place. */
  #aside = 0;

  constructor(options: QueueOptions<K>) {
    this.#options = options;
    this.#turns = options.turns ?? loopTurns;
  }

  add(key: K): void {
    if (this.#closed) return;
    if (this.#working.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#pump();
  }

  /** Adds the key after `delayMs`, or sooner when an earlier time is set already. */
  addAfter(key: K, delayMs: number): void {
    if (this.#closed) return;
    const dueAt = this.#options.clock.monotonic() + delayMs;
    const set = this.#later.get(key);
    if (set !== undefined && set.dueAt <= dueAt) return;
    set?.cancel();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { dueAt, cancel });
  }

  /**
   * For work that waits for what others can be part of, such as a write: its key leaves its place to another one meanwhile.
   * Else as many as there are places would share a write, however many there are to come.
   */
  async aside<T>(wait: () => Promise<T>): Promise<T> {
    this.#aside += 1;
    try {
      const waiting = wait();
      this.#pump();
      return await waiting;
    } finally {
      this.#aside -= 1;
    }
  }

  /** Resolves when nothing waits and nothing is worked on; delayed adds do not count. */
  idle(): Promise<void> {
    if (this.#working.size === 0 && this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  /** Takes no more keys; resolves when what is worked on is done. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    this.#waiting.clear();
    this.#again.clear();
    await this.idle();
  }

  #pump(): void {
    if (this.#rests) return;
    for (const key of this.#waiting) {
      if (this.#working.size - this.#aside >= this.#options.concurrency) return;
      if (this.#waiting.size > FEW && this.#turns.isOver) return void this.#rest();
      this.#waiting.delete(key);
      this.#working.add(key);
      // #run handles every rejection of the work.
      void this.#run(key);
    }
  }

  /** A host of apps that are all to be looked at must not keep everybody else waiting. */
  async #rest(): Promise<void> {
    this.#rests = true;
    await this.#turns.next();
    this.#rests = false;
    this.#pump();
  }

  async #run(key: K): Promise<void> {
    try {
      await this.#options.work(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#retry(key, error);
    }
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
    this.#pump();
    if (this.#working.size === 0 && this.#waiting.size === 0) {
      for (const resolve of this.#idleListeners.splice(0)) resolve();
    }
  }

  #retry(key: K, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LAST_BACKOFF_MS);
    this.#options.onError(key, error, delayMs);
    this.addAfter(key, delayMs);
  }
}
