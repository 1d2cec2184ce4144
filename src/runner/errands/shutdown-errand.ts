import { basename } from 'node:path';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Processes } from '../processes/processes.ts';
import type { ErrandSpec } from '../protocol/orders.ts';
import type { Errand } from './errand.ts';
import { readErrandNote, type ErrandMark } from './errand-note.ts';
import { foundErrand } from './found-errand.ts';

/** A command that ends an app and has begun. */
export interface BegunShutdown {
  /** As of an `Errand`. */
  readonly ended: Promise<string | null>;
  /** Ends it at once. */
  readonly cancel: (why: string) => void;
  /** So long it and what it asks for may take still. */
  readonly leftMs: number;
}

/** The app that is to end. */
export interface ShutdownPlace {
  readonly nonce: string;
  readonly folder: string;
  readonly io: string;
}

export interface ShutdownErrandOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly place: ShutdownPlace;
  readonly run: (errand: ErrandSpec, mark: ErrandMark) => Errand;
}

/** An instance is ended once. */
const MARK: ErrandMark = { kind: 'shutdown', count: 1 };

/**
 * How the command of an instance that ends is begun: it runs once, whatever becomes of the runner meanwhile.
 *
 *   no note ──▶ run
 *   note of a runner before ──▶ waited for, in what is left of its time; what it ended with counts
 */
export class ShutdownErrand {
  readonly #options: ShutdownErrandOptions;

  constructor(options: ShutdownErrandOptions) {
    this.#options = options;
  }

  begin(errand: ErrandSpec): BegunShutdown {
    const found = this.find(errand);
    if (found !== null) return found;
    const begun = this.#options.run(errand, MARK);
    return { ended: begun.ended, cancel: (why) => begun.cancel(why), leftMs: errand.timeoutMs };
  }

  /** The one that an earlier runner has begun; null: there is no trace of one. */
  find(errand: ErrandSpec | undefined): BegunShutdown | null {
    const { clock, processes, place } = this.#options;
    const note = readErrandNote({ ...place, kind: MARK.kind });
    if (errand === undefined || note === null) return null;
    const { file, timeoutMs } = errand;
    const age = note.at === null ? 0 : Math.max(0, clock.now() - note.at);
    const leftMs = Math.max(0, timeoutMs - age);
    let cancelled: string | null = null;
    const found = foundErrand({
      ...{ ...place, ...MARK, clock, processes, timeoutMs, leftMs },
      name: basename(file),
      cancelled: () => cancelled,
    });
    const ended = found.then((outcome) => (outcome.begun ? outcome.why : null));
    return { ended, cancel: (why) => (cancelled = why), leftMs };
  }
}
