import type { Cancel, Clock } from '../../../lib/clocks/clock.ts';
import { dropMarker } from '../line-format.ts';
import type { LogProblems } from '../log-problems.ts';

/** Lines that are not in a file, as it did not take them in time. */
export interface MissingLines {
  /** Of these the file itself tells. */
  readonly told: number;
  /** Of these nothing tells yet. */
  readonly untold: number;
}

export interface DroppedLinesOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly onDropped?: (lines: number) => void;
}

/** Lines that were dropped are told of for so long after the last of them. */
const TOLD_MS = 60_000;

/** The lines that a log file did not take in time. */
export class DroppedLines {
  readonly #options: DroppedLinesOptions;
  readonly #problems: LogProblems;
  #count = 0;
  #cancelTold: Cancel | undefined;

  constructor(options: DroppedLinesOptions, problems: LogProblems) {
    this.#options = options;
    this.#problems = problems;
  }

  /** Of these is told at the moment. */
  get count(): number {
    return this.#count;
  }

  /** Has the problem tell of so many more. */
  tell(lines: number): void {
    const { path, clock } = this.#options;
    this.#count += lines;
    this.#problems.set('log-dropped', `${this.#count} lines dropped: ${path} did not take them in time`);
    this.#cancelTold?.();
    this.#cancelTold = clock.after(TOLD_MS, () => {
      this.#count = 0;
      this.#problems.set('log-dropped', null);
    });
  }

  /** What stands in the file in their place. */
  marker(lines: number, json: boolean): Buffer {
    this.tell(lines);
    this.#options.onDropped?.(lines);
    return dropMarker(lines, json, this.#options.clock.now());
  }

  close(): void {
    this.#cancelTold?.();
  }
}
