import type { Cancel, Clock } from '../../lib/clock.ts';
import { MAX_QUEUED_BYTES, type LogQueue } from './log-queue.ts';

/** Readers are held up this long at most for the sake of a disk that does not take what there is. */
const DISK_HOLD_MS = 200;

/**
 * What becomes of those who read for a log file, and of its lines, while the disk does not take them.
 *
 *   flowing ──queue full──▶ holding (readers wait) ──written──▶ flowing
 *      │                        └──hold over──▶ shedding (readers go on, oldest lines go) ──written──▶ flowing
 *      └──write failed──▶ failing (as shedding) ──written──▶ flowing
 */
export class LogFlow {
  readonly #clock: Clock;
  readonly #queue: LogQueue;
  readonly #holdMs: number;
  #state: 'flowing' | 'holding' | 'shedding' | 'failing' = 'flowing';
  #waiting: (() => void)[] = [];
  #cancelHold: Cancel | undefined;

  constructor(clock: Clock, queue: LogQueue, holdMs = DISK_HOLD_MS) {
    this.#clock = clock;
    this.#queue = queue;
    this.#holdMs = holdMs;
  }

  /** Whether readers had better wait. */
  get holding(): boolean {
    return this.#state === 'holding';
  }

  get failing(): boolean {
    return this.#state === 'failing';
  }

  /** Calls `resume` once when readers may go on. */
  whenWritable(resume: () => void): void {
    if (this.holding) this.#waiting.push(resume);
    else resume();
  }

  /** Something was put into the queue. */
  pushed(): void {
    if (this.#queue.bytes <= MAX_QUEUED_BYTES) return;
    if (this.#state === 'flowing') {
      this.#state = 'holding';
      this.#cancelHold = this.#clock.after(this.#holdMs, () => this.#enter('shedding'));
    }
    if (this.#state !== 'holding' || this.#queue.bytes > 2 * MAX_QUEUED_BYTES) this.#queue.dropOldest();
  }

  /** Something of the queue was written. */
  written(): void {
    if (this.#state !== 'flowing' && this.#queue.bytes < MAX_QUEUED_BYTES / 2) this.#enter('flowing');
  }

  /** Nothing can be written. */
  failed(): void {
    this.#enter('failing');
  }

  /** It can be written to again; nothing waits for that. */
  mended(): void {
    if (this.#state === 'failing') this.#enter('flowing');
  }

  #enter(state: 'flowing' | 'shedding' | 'failing'): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#state = state;
    if (state !== 'flowing') this.#queue.dropOldest();
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
