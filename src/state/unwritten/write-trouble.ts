import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { WriteProblem } from '../disk/state-failures.ts';

/** What is written on its own, and fails on its own. */
export type WrittenPart = 'projects' | 'counters' | 'events' | 'audit';

/** The disk does not hold everything that is known. */
export interface Trouble {
  /** Epoch milliseconds of the first write that failed. */
  readonly since: number;
  readonly problem: WriteProblem;
}

export interface WriteTroubleOptions {
  readonly clock: Clock;
  /** Writes what is missing, and reports each part. Never rejects. */
  readonly retry: () => Promise<void>;
  /** Trouble has begun (with it), or is over (null). */
  readonly onChange: (trouble: Trouble | null, lastedMs: number) => void;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
/** Trouble that comes back within this time goes on where it was: a disk at its brim must not fill the log too. */
const SAME_TROUBLE_MS = 60_000;

/**
 * Knows whether the state can be written, and tries again while it cannot.
 *
 *   fine ──a part fails──▶ trouble ──every part is written──▶ fine
 *                            │  ▲
 *                 250 ms, then twice as long, up to 5 s: all is tried
 */
export class WriteTrouble {
  readonly #options: WriteTroubleOptions;
  readonly #failing = new Map<WrittenPart, WriteProblem>();
  #since: { readonly wall: number; readonly steady: number } | null = null;
  #endedAt = -Infinity;
  #delayMs = FIRST_RETRY_MS;
  #cancel: Cancel | null = null;
  #closed = false;

  constructor(options: WriteTroubleOptions) {
    this.#options = options;
  }

  get current(): Trouble | null {
    const [problem] = this.#failing.values();
    return problem === undefined || this.#since === null ? null : { since: this.#since.wall, problem };
  }

  /** How the last write of a part went; null: all of it is on disk. */
  report(part: WrittenPart, problem: WriteProblem | null): void {
    if (problem !== null) this.#failing.set(part, problem);
    else if (!this.#failing.delete(part)) return;
    const { clock } = this.#options;
    if (this.#failing.size > 0) this.#begin();
    else if (this.#since !== null) {
      const lastedMs = clock.monotonic() - this.#since.steady;
      this.#since = null;
      this.#endedAt = clock.monotonic();
      this.#options.onChange(null, lastedMs);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #begin(): void {
    const { clock } = this.#options;
    if (this.#since === null) {
      this.#since = { wall: clock.now(), steady: clock.monotonic() };
      if (clock.monotonic() - this.#endedAt > SAME_TROUBLE_MS) this.#delayMs = FIRST_RETRY_MS;
      this.#options.onChange(this.current, 0);
    }
    if (this.#cancel !== null || this.#closed) return;
    this.#cancel = clock.after(this.#delayMs, () => {
      this.#delayMs = Math.min(2 * this.#delayMs, LAST_RETRY_MS);
      void this.#options.retry().then(() => {
        this.#cancel = null;
        if (this.#failing.size > 0) this.#begin();
      });
    });
  }
}

/** What is wrong, that nothing is lost by it yet, and the way out. */
export function troubleText({ problem: { file, why, wayOut } }: Trouble): string {
  return `the state cannot be written: ${file}: ${why}; it is kept in memory, and written as soon as that works: ${wayOut}`;
}
