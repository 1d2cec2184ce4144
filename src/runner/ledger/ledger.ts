import { writeSync } from 'node:fs';
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../../lib/clock.ts';
import { recordsOf, replayLedger, type LedgerEntry, type LedgerRecord } from './ledger-record.ts';
import { errorCode } from '../../lib/system-error.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

export interface LedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Everything the ledger is to hold now, for when it is written anew. */
  readonly snapshot: () => readonly LedgerEntry[];
  readonly log: (message: string) => void;
}

interface Pending {
  readonly line: string;
  readonly durable: boolean;
  readonly done: (error: Error | null) => void;
}

const COMPACT_ABOVE_BYTES = 1024 * 1024;
/** Written anew when it has grown to this many times what it needs to hold. */
const COMPACT_RATIO = 4;
const RETRY_MS = 1_000;

/** Reads what an earlier runner left at `path`; a missing file is an empty ledger. */
export async function readLedger(path: string): Promise<{ entries: LedgerEntry[]; skipped: number }> {
  try {
    return replayLedger(await readFile(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { entries: [], skipped: 0 };
    throw error;
  }
}

/**
 * The append-only record of what this home's processes are. Records that arrive while a write is under way share the
 * next write and its fsync, so that a hundred starts cost a few of them.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  #file: FileHandle | undefined;
  #pending: Pending[] = [];
  #working: Promise<void> | undefined;
  #size = 0;
  #compactedSize = 0;
  #broken = false;
  #complained = false;
  #cancelRetry: Cancel | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Writes the file anew from the snapshot; to be called once, before any record. A failure is tried again later. */
  async open(): Promise<void> {
    this.#broken = true;
    await this.#write([]);
  }

  /**
   * Appends a record. Call it after the snapshot shows what the record says. With `durable`, resolves when the record
   * is on the disk and rejects when it cannot be put there; without, resolves when it is handed to the system.
   */
  append(record: LedgerRecord, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null): void => {
        if (error !== null && durable) reject(error);
        else resolve();
      };
      this.#pending.push({ line: `${JSON.stringify(record)}\n`, durable, done });
      this.#work();
    });
  }

  /** Waits for what was appended so far, then closes the file. */
  async close(): Promise<void> {
    this.#cancelRetry?.();
    await this.#working;
    await this.#file?.close();
    this.#file = undefined;
  }

  #work(): void {
    this.#working ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const error = await this.#write(batch);
      for (const { done } of batch) done(error);
    }
    // In the same tick as the last look: who appends as soon as its promise resolves starts the next round.
    this.#working = undefined;
  }

  /** A write that failed may have left half a line: what comes next is a whole new file. */
  async #write(batch: readonly Pending[]): Promise<Error | null> {
    try {
      if (this.#broken || this.#isOversized()) await this.#compact();
      else await this.#appendLines(batch);
      this.#broken = false;
      this.#complained = false;
      return null;
    } catch (error) {
      const failure = error as Error;
      if (!this.#complained) this.#options.log(`cannot write the ledger: ${failure.message}`);
      this.#complained = true;
      this.#broken = true;
      this.#retryLater();
      return failure;
    }
  }

  async #appendLines(batch: readonly Pending[]): Promise<void> {
    if (this.#file === undefined) throw new Error('the ledger is not open');
    const data = Buffer.from(batch.map(({ line }) => line).join(''));
    failpoint('ledger.append');
    // At once, and not by another thread: whoever is told of it afterwards may end this process.
    for (let offset = 0; offset < data.length;) offset += writeSync(this.#file.fd, data, offset);
    this.#size += data.length;
    failpoint('ledger.appended');
    if (batch.some(({ durable }) => durable)) await this.#file.datasync();
    failpoint('ledger.synced');
  }

  #isOversized(): boolean {
    return this.#size > Math.max(COMPACT_ABOVE_BYTES, COMPACT_RATIO * this.#compactedSize);
  }

  async #compact(): Promise<void> {
    const { path, snapshot } = this.#options;
    const lines = snapshot().flatMap(recordsOf);
    const data = Buffer.from(lines.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const temporary = `${path}.tmp`;
    failpoint('ledger.compact');
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(data);
      failpoint('ledger.compact.written');
      await file.sync();
      failpoint('ledger.compact.synced');
      await rename(temporary, path);
      failpoint('ledger.compact.renamed');
      await syncFolder(dirname(path));
    } catch (error) {
      await file.close();
      throw error;
    }
    failpoint('ledger.compact.done');
    await this.#file?.close();
    this.#file = file;
    this.#size = data.length;
    this.#compactedSize = data.length;
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.#pending.push({ line: '', durable: false, done: () => undefined });
      this.#work();
    });
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
