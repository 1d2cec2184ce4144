import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { LedgerFile } from './ledger-file.ts';
import { describeLedgerFailure } from './ledger-problem.ts';
import { recordsOf, type LedgerEntry, type LedgerRecord } from './ledger-record.ts';

export interface LedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Everything the ledger is to hold now, for when it is written anew. */
  readonly snapshot: () => readonly LedgerEntry[];
  /** Why it cannot be written, for people; null: it can again. */
  readonly onProblem: (problem: string | null) => void;
  readonly log: (message: string) => void;
}

interface Pending {
  readonly line: string;
  readonly durable: boolean;
  readonly done: () => void;
}

const COMPACT_ABOVE_BYTES = 1024 * 1024;
/** Written anew when it has grown to this many times what it needs to hold. */
const COMPACT_RATIO = 4;
const RETRY_MS = 1_000;

/** How often to look whether somebody else has removed or changed it. */
const LOOK_MS = 2_000;

/**
 * The append-only record of what this home's processes are. Records that arrive while a write is under way share the
 * next write and its fsync, so that a hundred starts cost a few of them.
 *
 * It never grows beyond a few times what it has to hold. What cannot be written stops nothing: it is told, and as soon as
 * it can be, the whole of it is written anew, as when somebody else has removed, replaced or changed the file.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #file: LedgerFile;
  #pending: Pending[] = [];
  #working: Promise<void> | undefined;
  #compactedSize = 0;
  #broken = false;
  #problem: string | null = null;
  #cancelRetry: Cancel | undefined;
  #cancelLook: Cancel | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#file = new LedgerFile(options.path);
  }

  /** Writes the file anew from the snapshot; to be called before any record, and after another runner has had the file. A failure is tried again later. */
  async open(): Promise<void> {
    this.#broken = true;
    await this.#write([]);
    this.#lookLater();
  }

  /**
   * Appends a record. Call it after the snapshot shows what the record says. With `durable`, resolves when the record
   * is on the disk, else when it is handed to the system; in both cases also when that cannot be done.
   */
  append(record: LedgerRecord, durable: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#pending.push({ line: `${JSON.stringify(record)}\n`, durable, done: resolve });
      this.#work();
    });
  }

  /** Resolves when what was appended so far is handed to the system, or cannot be. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Waits for what was appended so far, then closes the file. */
  async close(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelLook?.();
    await this.#working;
    await this.#file.close();
  }

  #work(): void {
    this.#working ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      await this.#write(batch);
      for (const { done } of batch) done();
    }
    // In the same tick as the last look: who appends as soon as its promise resolves starts the next round.
    this.#working = undefined;
  }

  /** A write that failed may have left half a line: what comes next is a whole new file. */
  async #write(batch: readonly Pending[]): Promise<void> {
    try {
      if (this.#broken || this.#isOversized || !this.#file.isAsLeft) await this.#compact();
      else await this.#appendLines(batch);
      this.#broken = false;
      this.#tell(null);
    } catch (error) {
      this.#broken = true;
      this.#tell(describeLedgerFailure(this.#options.path, error));
      this.#retryLater();
    }
  }

  #tell(problem: string | null): void {
    if (this.#problem === problem) return;
    this.#options.log(problem ?? 'the ledger can be written again');
    this.#problem = problem;
    this.#options.onProblem(problem);
  }

  async #appendLines(batch: readonly Pending[]): Promise<void> {
    const text = batch.map(({ line }) => line).join('');
    if (text === '') return;
    const durable = batch.some((one) => one.durable);
    await this.#file.append(Buffer.from(text), durable);
  }

  get #isOversized(): boolean {
    return this.#file.size > Math.max(COMPACT_ABOVE_BYTES, COMPACT_RATIO * this.#compactedSize);
  }

  async #compact(): Promise<void> {
    const lines = this.#options.snapshot().flatMap(recordsOf);
    await this.#file.replace(Buffer.from(lines.map((record) => `${JSON.stringify(record)}\n`).join('')));
    this.#compactedSize = this.#file.size;
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.#writeIfDue();
    });
  }

  #lookLater(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      if (!this.#broken && this.#working === undefined && !this.#file.isAsLeft) {
        this.#options.log('the ledger was removed or changed: writing it anew');
        this.#writeIfDue();
      }
      this.#lookLater();
    });
  }

  /** Writes nothing new: only what is broken or missing. */
  #writeIfDue(): void {
    this.#pending.push({ line: '', durable: false, done: () => undefined });
    this.#work();
  }
}
