import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { KnownFiles } from '../disk/known-files.ts';
import type { SerialQueue } from '../serial-queue.ts';

export interface StateKeeperOptions {
  readonly clock: Clock;
  readonly known: KnownFiles;
  /** Looks when nothing is being written. */
  readonly enqueue: SerialQueue;
  /** These files are not as they were left. */
  readonly onChanged: (paths: readonly string[]) => Promise<void>;
  /** Looked, whatever was found. */
  readonly onLooked: () => Promise<void>;
}

const PERIOD_MS = 5_000;

/**
 * Sees that somebody removes, replaces or damages state files while the controller runs. What they are to hold is in memory
 * as long as it lives, and only so long.
 */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  #cancel: Cancel = () => undefined;
  #closed = false;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
    this.#arm();
  }

  /** Looks now. */
  look(): Promise<void> {
    const { enqueue, known, onChanged, onLooked } = this.#options;
    return enqueue(async () => {
      if (this.#closed) return;
      const changed = await known.changed();
      if (changed.length > 0) await onChanged(changed);
      await onLooked();
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #arm(): void {
    this.#cancel = this.#options.clock.after(PERIOD_MS, () => {
      const next = (): void => {
        if (!this.#closed) this.#arm();
      };
      this.look().then(next, next);
    });
  }
}
