import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { rotateDaemonLog } from './rotation/daemon-log.ts';
import type { Retention } from './rotation/retention.ts';
import type { TimesIndex } from './times/times-index.ts';

export interface HousekeepingOptions {
  readonly clock: Clock;
  readonly daemonLog: string;
  readonly retention: Pick<Retention, 'run'>;
  readonly times: Pick<TimesIndex, 'sweep'>;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

const EVERY_MS = 60_000;
/** Every so many times, files are looked for that are too old. */
const HOURLY = 60;

/** What is done for log files from time to time, whether anything is written or not. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #rounds = 0;
  #cancel: Cancel | undefined;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => void this.#round());
  }

  close(): void {
    this.#cancel?.();
  }

  async #round(): Promise<void> {
    const { daemonLog, log, retention, times } = this.#options;
    await rotateDaemonLog(daemonLog).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') log(`cannot rotate ${daemonLog}: ${errorMessage(error)}`);
    });
    // Soon after the start too.
    if (this.#rounds++ % HOURLY === 0) {
      await retention.run();
      await times.sweep();
    }
    this.start();
  }
}
