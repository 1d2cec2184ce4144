import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { isTraced } from '../processes/traced.ts';
import type { ProcessIdentity, Processes } from '../processes/processes.ts';
import { sendSignal } from '../processes/signals.ts';

/** A connection, as far as it is known whether its other end still says something. */
export interface Heard {
  /** True when something came since this was last called. */
  takeHeard(): boolean;
}

export interface ControllerPulseOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly log: (message: string) => void;
}

const TICK_MS = 5_000;
/** So many ticks without a word: half a minute, in which a controller would have spoken ten times. */
const SILENT_TICKS = 6;

/**
 * Ends a controller that hangs: it holds nothing that an app needs, and the next one takes its place.
 *
 *   ∅ ──follow──▶ heard ──a tick without a word──▶ quiet ──6 ticks──▶ SIGKILL, once
 *                   ▲─────────────a word─────────────┘
 *
 * Counted in ticks of our own loop: what this runner slept through, alone or with the whole host, does not count. A
 * controller that a debugger holds is left alone. What dies is the very process that said hello, and no other.
 */
export class ControllerPulse {
  readonly #options: ControllerPulseOptions;
  #cancel: Cancel = () => undefined;

  constructor(options: ControllerPulseOptions) {
    this.#options = options;
  }

  follow(connection: Heard, pid: number): void {
    this.stop();
    const { processes } = this.#options;
    const startTime = processes.stat(pid)?.startTime;
    if (startTime === undefined) return;
    this.#tick(connection, { pid, startTime, bootId: processes.bootId }, 0);
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }

  #tick(connection: Heard, controller: ProcessIdentity, quiet: number): void {
    this.#cancel = this.#options.clock.after(TICK_MS, () => {
      const now = connection.takeHeard() ? 0 : quiet + 1;
      if (now < SILENT_TICKS || isTraced(controller.pid)) this.#tick(connection, controller, now);
      else this.#end(controller);
    });
  }

  #end(controller: ProcessIdentity): void {
    const { processes, log } = this.#options;
    const seconds = (SILENT_TICKS * TICK_MS) / 1_000;
    log(
      `the controller (pid ${controller.pid}) has said nothing for ${seconds} s: it is killed, another is started`,
    );
    sendSignal(processes, controller, { signal: 'SIGKILL', tree: false });
  }
}
