import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { mayBeAlive, type ProcessIdentity, type Processes } from './processes.ts';

/** How often to look at a process that is not our child: nobody tells us when it ends. */
const POLL_MS = 1_000;
const FAST_POLL_MS = 20;
/** A process that is still there then was not about to end. */
const FAST_POLLS = 250;

/** Waits for the end of a process that an earlier runner started. */
export class IdentityWatch {
  readonly #clock: Clock;
  readonly #processes: Processes;
  readonly #identity: ProcessIdentity;
  readonly #onEnd: () => void;
  #fastPolls = 0;
  #cancel: Cancel;
  #over = false;

  constructor(clock: Clock, processes: Processes, options: { identity: ProcessIdentity; onEnd: () => void }) {
    this.#clock = clock;
    this.#processes = processes;
    this.#identity = options.identity;
    this.#onEnd = options.onEnd;
    this.#cancel = this.#arm();
  }

  /** Its end is near: look at once, and often for the next seconds. */
  expectEnd(): void {
    this.#fastPolls = FAST_POLLS;
    this.#look();
  }

  close(): void {
    this.#over = true;
    this.#cancel();
  }

  #arm(): Cancel {
    const delayMs = this.#fastPolls > 0 ? FAST_POLL_MS : POLL_MS;
    this.#fastPolls = Math.max(0, this.#fastPolls - 1);
    return this.#clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    if (this.#over) return;
    this.#cancel();
    if (mayBeAlive(this.#processes, this.#identity)) {
      this.#cancel = this.#arm();
      return;
    }
    this.#over = true;
    this.#onEnd();
  }
}
