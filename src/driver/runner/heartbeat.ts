import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

export interface HeartbeatOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Asks the other end for a word. */
  readonly ping: () => void;
  /** It has not given one for long. */
  readonly onSilent: () => void;
  /** It has, after all. */
  readonly onBack: () => void;
  /** Called every second while it is silent. */
  readonly onStillSilent: () => void;
}

/** Nothing is asked for as long as something comes by itself. */
const QUIET_MS = 1_500;
const TICK_MS = 1_000;
/** So many seconds without a word after a question. A runner that starts a hundred apps takes a tenth of that. */
const SILENT_TICKS = 4;

/**
 * Whether the other end of a connection still answers.
 *
 *   quiet ──1.5 s without a word: ping──▶ asked ──4 ticks without a word──▶ silent
 *     ▲──────────────a word───────────────┘                                │
 *     └─────────────────────────────a word─────────────────────────────────┘
 *
 * Time is counted in ticks of our own loop, so that what we slept through ourselves does not count against the other.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heard = false;
  #silent = false;
  #cancel: Cancel = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#rest();
  }

  /** Asks at once: whoever was just connected to may be hung already. */
  ask(): void {
    this.#cancel();
    this.#heard = false;
    this.#wait(0);
  }

  /** Something came. */
  heard(): void {
    this.#heard = true;
    if (!this.#silent) return;
    this.#silent = false;
    this.#cancel();
    this.#options.onBack();
    this.#rest();
  }

  stop(): void {
    this.#cancel();
  }

  #rest(): void {
    this.#heard = false;
    this.#after(QUIET_MS, () => {
      if (this.#heard) {
        this.#rest();
        return;
      }
      this.#options.ping();
      this.#wait(0);
    });
  }

  #wait(ticks: number): void {
    this.#after(TICK_MS, () => {
      if (this.#heard) {
        this.#rest();
      } else if (ticks + 1 < SILENT_TICKS) {
        this.#wait(ticks + 1);
      } else {
        this.#silent = true;
        this.#options.onSilent();
        this.#stillSilent();
      }
    });
  }

  #stillSilent(): void {
    this.#after(TICK_MS, () => {
      this.#options.onStillSilent();
      this.#stillSilent();
    });
  }

  #after(ms: number, callback: () => void): void {
    this.#cancel = this.#options.clock.after(ms, callback);
  }
}
