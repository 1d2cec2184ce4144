import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

/** Readers are held up this long at most for the sake of a disk that does not take anything. */
const DISK_HOLD_MS = 200;

/**
 * What becomes of those who read for a log file while it is being written. They read on when all that they have read is
 * written: what is in a pipe outlives a runner that is killed, what is in its memory does not. A pipe holds as much as
 * one read, so the app is not held up by that.
 *
 *   flowing ──something to write──▶ holding ──all written──▶ flowing
 *   holding ──nothing written for so long──▶ shedding ──some written──▶ holding
 *   holding, shedding ──write failed──▶ failing (as shedding) ──some written──▶ holding
 *
 * While shedding, readers go on, and of what waits the oldest lines go where it is too much.
 */
export class LogFlow {
  readonly #clock: Clock;
  readonly #holdMs: number;
  #state: 'flowing' | 'holding' | 'shedding' | 'failing' = 'flowing';
  #waiting: (() => void)[] = [];
  #cancelHold: Cancel | undefined;

  constructor(clock: Clock, holdMs = DISK_HOLD_MS) {
    this.#clock = clock;
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

  /** There is something to be written. */
  pushed(): void {
    if (this.#state === 'flowing') this.#hold();
  }

  /** Some of it was written; `isAll`: nothing is left. */
  written(isAll: boolean): void {
    if (isAll) this.#enter('flowing');
    else this.#hold();
  }

  /** Nothing can be written. */
  failed(): void {
    this.#enter('failing');
  }

  #hold(): void {
    this.#cancelHold?.();
    this.#state = 'holding';
    this.#cancelHold = this.#clock.after(this.#holdMs, () => this.#enter('shedding'));
  }

  #enter(state: 'flowing' | 'shedding' | 'failing'): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#state = state;
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
