import { open, stat, type FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { LogStamp } from './log-stamp.ts';
import { BLOCK_BYTES, BLOCK_HEAD_BYTES, blockHead, decodeBlock } from './times-block.ts';
import { decodeHead, MAX_HEAD_BYTES, timesName, type TimesHead } from './times-file.ts';

/** What identifies a log file. Of a plain file: `stat(path, { bigint: true })`. */
export type LogIdentity = Pick<BigIntStats, 'ino' | 'dev' | 'birthtimeNs'>;

/**
 * Reads the index of a log file: from when and from where its bytes are. It is read by pieces, found by bisection, however
 * large it is; what was read last is kept, so that reading on from there costs nothing. An index that cannot be read is as
 * good as none: every method resolves.
 *
 * The runner writes it some 250 ms behind the log. So whoever follows a log calls `refresh` until `covered` is beyond what
 * it wants to know, for a second at most: what is beyond then was written by somebody else.
 */
export class LogTimes {
  readonly #path: string;
  #file: FileHandle | undefined;
  #head: TimesHead | undefined;
  #inode = 0;
  #blocks = 0;
  #last: { readonly number: number; readonly stamps: readonly LogStamp[] } | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens the index of a log file; it may be missing, and appear with a `refresh`.
   * @param folder of indexes: `timesFolder(layout.logs)`
   * @param log the log file itself, opened by whoever reads it: not its path, which may lead to another file meanwhile
   */
  static async open(folder: string, log: LogIdentity): Promise<LogTimes> {
    const times = new LogTimes(join(folder, timesName(log)));
    await times.refresh();
    return times;
  }

  /**
   * Bytes of the log below this are told of; 0: there is no index. A log that is smaller has been emptied, and the index
   * tells of what was in it before: nothing of it holds. Compare with the size of the log taken AFTER `refresh`.
   */
  get covered(): number {
    return this.#head?.covered ?? 0;
  }

  /** Sees what was written since. An index that was begun anew, as its log was emptied, replaces the one before. */
  async refresh(): Promise<void> {
    try {
      const there = await stat(this.#path);
      if (this.#file === undefined || there.ino !== this.#inode) {
        await this.close();
        this.#file = await open(this.#path, 'r');
        this.#inode = (await this.#file.stat()).ino;
      }
      await this.#load(this.#file);
    } catch {
      await this.close();
    }
  }

  /**
   * The stamps of the bytes from `from` to `to`: the first is the one in whose part `from` lies, if there is one; the last
   * begins before `to`. What is before the first one, or beyond `covered`, is unknown.
   */
  async stampsIn(from: number, to: number): Promise<readonly LogStamp[]> {
    const found: LogStamp[] = [];
    const first = await this.#find((head) => head.offset <= from);
    for (let number = Math.max(0, first); number < this.#blocks; number++) {
      const stamps = await this.#stamps(number);
      for (const stamp of stamps) {
        if (stamp.offset >= to) return found;
        if (stamp.offset <= from) found.length = 0;
        found.push(stamp);
      }
    }
    return found;
  }

  /**
   * Where in the log the bytes of a moment (epoch ms) and later begin: the offset of the first stamp that is as late; null:
   * there is none. A clock that was set back makes of it the first such place that is found.
   */
  async offsetAt(at: number): Promise<number | null> {
    const first = await this.#find((head) => head.at < at);
    for (let number = Math.max(0, first); number < this.#blocks; number++) {
      const stamps = await this.#stamps(number);
      const stamp = stamps.find((stamp) => stamp.at !== null && stamp.at >= at);
      if (stamp !== undefined) return stamp.offset;
    }
    return null;
  }

  /** The time of the first stamp at `offset` or later that has one: what an unknown part counts as. Null: there is none. */
  async nextKnown(offset: number): Promise<number | null> {
    const first = await this.#find((head) => head.offset <= offset);
    for (let number = Math.max(0, first); number < this.#blocks; number++) {
      const stamps = await this.#stamps(number);
      const stamp = stamps.find((stamp) => stamp.offset >= offset && stamp.at !== null);
      if (stamp !== undefined) return stamp.at;
    }
    return null;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#head = undefined;
    this.#blocks = 0;
    this.#last = undefined;
    await file?.close().catch(() => undefined);
  }

  async #load(file: FileHandle): Promise<void> {
    const head = decodeHead(await readAt(file, 0, MAX_HEAD_BYTES));
    if (head === null) {
      await this.close();
      return;
    }
    // First how far it tells, then what: what is told of is there.
    const { size } = await file.stat();
    this.#head = head;
    this.#blocks = Math.ceil(Math.max(0, size - head.length) / BLOCK_BYTES);
    if (this.#last?.number === this.#blocks - 1) this.#last = undefined;
  }

  /** The last block whose head is as asked for; -1: none. Those that are follow one another from the first one on. */
  async #find(
    isBefore: (head: { readonly offset: number; readonly at: number }) => boolean,
  ): Promise<number> {
    let low = 0;
    let high = this.#blocks;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const head = blockHead(await this.#read(middle, BLOCK_HEAD_BYTES));
      if (head !== null && isBefore(head)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  async #stamps(number: number): Promise<readonly LogStamp[]> {
    if (this.#last?.number === number) return this.#last.stamps;
    const stamps = decodeBlock(await this.#read(number, BLOCK_BYTES))?.stamps ?? [];
    this.#last = { number, stamps };
    return stamps;
  }

  async #read(block: number, length: number): Promise<Buffer> {
    if (this.#file === undefined || this.#head === undefined) return Buffer.alloc(0);
    return readAt(this.#file, this.#head.length + block * BLOCK_BYTES, length).catch(() => Buffer.alloc(0));
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
