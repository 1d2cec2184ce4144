import type { BigIntStats } from 'node:fs';
import { link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../../lib/clocks/clock.ts';
import { timesName } from '../../../lib/log-times/times-file.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import { describeLogFailure } from '../log-problems.ts';
import { sweepTimes } from './sweep.ts';
import { TimesFile } from './times-file.ts';
import { TimesWriter } from './times-writer.ts';

export interface TimesIndexOptions {
  /** Of the indexes. */
  readonly folder: string;
  readonly clock: Clock;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

/**
 * The indexes of all log files of the home: when and from where their bytes came (see lib/log-times). They lie in the home
 * and are found by the file itself, so nothing of them shows beside a log, and whoever renames one loses nothing.
 */
export class TimesIndex {
  readonly #options: TimesIndexOptions;
  /** Those that are written: by whom, or until when somebody who has closed it still does. */
  readonly #busy = new Map<string, TimesWriter | Promise<void>>();

  constructor(options: TimesIndexOptions) {
    this.#options = options;
  }

  /**
   * Goes on with the index of a log, opened with these `stats`. Undefined: another path that leads to the same file has it.
   * @param onProblem what to tell people of times that are lost; null: they are kept
   */
  open(
    log: string,
    stats: BigIntStats,
    onProblem: (problem: string | null) => void,
  ): TimesWriter | undefined {
    const name = timesName(stats);
    const busy = this.#busy.get(name);
    if (busy instanceof TimesWriter) return undefined;
    const path = join(this.#options.folder, name);
    const problem = (error: unknown): string =>
      `${describeLogFailure(path, error)}; lines of ${log} come without times until then`;
    const writer: TimesWriter = new TimesWriter(
      {
        ...{ path, log, clock: this.#options.clock },
        prepare: async () => {
          await busy;
          await this.#makeFolder();
        },
        onProblem: (error) => onProblem(error === null ? null : problem(error)),
        onClosing: (closed) => this.#closing(name, closed),
      },
      Number(stats.size),
    );
    this.#busy.set(name, writer);
    return writer;
  }

  #closing(name: string, closed: Promise<void>): void {
    this.#busy.set(name, closed);
    void closed.then(() => {
      if (this.#busy.get(name) === closed) this.#busy.delete(name);
    });
  }

  /** A log has been compressed: gives its index to what it has become. Both have it until `forget`. */
  async carry(from: BigIntStats, to: BigIntStats): Promise<void> {
    const { folder } = this.#options;
    await this.#busy.get(timesName(from));
    await link(join(folder, timesName(from)), join(folder, timesName(to))).catch(this.#pass('carry over'));
  }

  /** A log has been removed. */
  async forget(stats: BigIntStats): Promise<void> {
    await TimesFile.remove(join(this.#options.folder, timesName(stats))).catch(this.#pass('remove'));
  }

  /** A log has been emptied: whoever writes its index begins it anew; of one that nobody writes nothing holds any more. */
  async emptied(stats: BigIntStats): Promise<void> {
    if (!this.#busy.has(timesName(stats))) await this.forget(stats);
  }

  /** Removes the indexes of logs that are not there any more. */
  async sweep(): Promise<void> {
    const { folder, clock } = this.#options;
    const now = clock.now();
    await sweepTimes({ folder, now, isBusy: (name) => this.#busy.has(name) }).catch(this.#pass('sweep'));
  }

  /** With the one for logs; not with the home: one that has been removed is not to come back. */
  async #makeFolder(): Promise<void> {
    const { folder } = this.#options;
    await makeOne(dirname(folder));
    await makeOne(folder);
  }

  #pass(what: string): (error: unknown) => void {
    return (error) => {
      if (errorCode(error) === 'ENOENT') return;
      this.#options.log(`cannot ${what} an index of times: ${errorMessage(error)}`);
    };
  }
}

async function makeOne(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}
