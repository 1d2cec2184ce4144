import type { Clock } from '../../lib/clocks/clock.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { Credit } from '../../runner/channel/credit.ts';
import type { Store } from '../../state/store.ts';
import type { ReportedError } from './said.ts';

/** Events are kept on disk, and an app decides how many errors it reports. */
const LIMITS = { burst: 10, perSecond: 0.1 };
const LONGEST_LINE = 200;

interface Reporter {
  readonly credit: Credit;
  /** Reported since the last event, and not told. */
  untold: number;
}

/** Makes events of the errors that apps report; what comes too fast is counted, and said with the next. */
export class ErrorReports {
  readonly #store: Pick<Store, 'appendEvent'>;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #reporters = new Map<string, Reporter>();

  constructor({
    store,
    clock,
  }: {
    readonly store: Pick<Store, 'appendEvent'>;
    readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  }) {
    this.#store = store;
    this.#clock = clock;
  }

  hear({ nonce, key, slot, pid, generation }: ObservedInstance, error: ReportedError): void {
    const reporter = this.#reporters.get(nonce) ?? { credit: new Credit(this.#clock, LIMITS), untold: 0 };
    this.#reporters.set(nonce, reporter);
    if (!reporter.credit.take()) {
      reporter.untold += 1;
      return;
    }
    const more = reporter.untold === 0 ? '' : `; ${reporter.untold} more errors came too fast to be told`;
    reporter.untold = 0;
    this.#store.appendEvent({
      ...{ at: this.#clock.now(), level: 'error', reason: 'ErrorReported', key, slot, pid, generation },
      message: `${error.name}: ${error.message}${placeOf(error)}${more}`,
      data: error,
    });
  }

  forget(nonce: string): void {
    this.#reporters.delete(nonce);
  }
}

/** The line of the stack that the error was thrown from. */
function placeOf({ stack }: ReportedError): string {
  const line = stack?.split('\n').find((one) => /^\s+at /.test(one) && !one.includes('node:internal'));
  return line === undefined ? '' : ` (${line.trim().slice(0, LONGEST_LINE)})`;
}
