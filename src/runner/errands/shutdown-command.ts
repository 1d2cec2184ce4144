import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { BegunShutdown } from './shutdown-errand.ts';

export interface ShutdownCommandOptions {
  readonly clock: Clock;
  /** How long it and what it asks for may take. */
  readonly timeoutMs: number;
  /** Null: an earlier runner has begun it that wrote nothing down, and nobody sees how it ends. */
  readonly errand: Pick<BegunShutdown, 'ended' | 'cancel'> | null;
  /** Why it has failed. */
  readonly onFailed: (why: string) => void;
  /** The process is still there, and is to be asked in another way now. */
  readonly onOver: () => void;
}

/**
 * Waits for a process to end that a command was told to end; `onOver` is called once, unless the process has ended.
 *
 *   running ──ended well──▶ waiting ──time over──▶ over
 *     └──failed, or time over, or cut──────────────▲
 */
export class ShutdownCommand {
  readonly #options: ShutdownCommandOptions;
  #endBy: number;
  #isRunning: boolean;
  #isSuspended = false;
  #mainEnded = false;
  #over = false;
  #cancelTimer: Cancel = () => undefined;

  constructor(options: ShutdownCommandOptions) {
    this.#options = options;
    const { clock, timeoutMs, errand } = options;
    this.#endBy = clock.monotonic() + timeoutMs;
    this.#isRunning = errand !== null;
    this.#setTimer();
    void errand?.ended.then((why) => {
      this.#isRunning = false;
      if (why !== null && !this.#over && !this.#mainEnded) options.onFailed(why);
      if (why !== null || this.leftMs === 0) this.#finish();
    });
  }

  get over(): boolean {
    return this.#over;
  }

  get leftMs(): number {
    return Math.max(0, this.#endBy - this.#options.clock.monotonic());
  }

  /** Nobody waits for it any more. */
  cut(): void {
    this.#finish();
    this.#options.errand?.cancel('was ended: the app is to end at once');
  }

  /** Resolves when the command has ended too: until then it may do something to what comes after the process. */
  async mainEnded(): Promise<void> {
    this.#mainEnded = true;
    await this.#options.errand?.ended;
    this.#over = true;
    this.#cancelTimer();
  }

  /** Asks for nothing until `resume`. */
  suspend(): void {
    this.#isSuspended = true;
    this.#cancelTimer();
  }

  resume(): void {
    this.#isSuspended = false;
    if (this.#over) this.#tell();
    else this.#setTimer();
  }

  #setTimer(): void {
    // Whoever runs the command ends it in time.
    const onTime = (): void => (this.#isRunning ? undefined : this.#finish());
    this.#cancelTimer = this.#options.clock.after(this.leftMs, onTime);
  }

  #finish(): void {
    if (this.#over || this.#mainEnded) return;
    this.#over = true;
    this.#cancelTimer();
    if (!this.#isSuspended) this.#tell();
  }

  #tell(): void {
    if (!this.#mainEnded) this.#options.onOver();
  }
}
