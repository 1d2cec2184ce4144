import { stat } from 'node:fs/promises';
import type { Clock } from '../../../lib/clocks/clock.ts';
import { loopTurns } from '../../../lib/turns/turns.ts';
import type { LineFilter } from '../search/line-filter.ts';
import { NEWLINE } from '../parts/lines-of.ts';
import { openPlaceOf, openSuccessor, type Resumed } from '../parts/log-chain.ts';
import { markFormatter, type FilePlace } from '../parts/log-marks.ts';
import { identityOf, isSameFile, LogPart, NO_FILE, type PartsContext } from '../parts/log-part.ts';
import { isShared, type LogFile } from '../parts/log-source.ts';
import { MAX_LINE_BYTES } from '../read-back.ts';
import { LinesAhead, type FollowedItem } from './lines-ahead.ts';
import { skipTo } from './skip-lines.ts';

const BLOCK_BYTES = 64 * 1024;
/** What is read ahead of a file at most, so that its lines can be put in order. */
const MAX_AHEAD_BYTES = 256 * 1024;
/** A line is in the file so long after its time, at most, unless the disk is slow. */
const WRITTEN_MS = 250;
/** How often to look whether the files are rotated away faster than they are read. */
const LAG_CHECK_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export interface FollowOptions {
  readonly clock: Clock;
  readonly context: PartsContext;
  readonly filter: LineFilter | null;
}

/**
 * Reads what is appended to a file, whatever happens to it: it appears later, is truncated, or is rotated (also several
 * times between two looks).
 *
 *   absent ──appears──▶ open ──at its end, and another file has its name──▶ open (the next one, from its beginning)
 *                        └─shorter than what was read──▶ open (from its beginning)
 */
export class FollowedFile {
  /** Whose lines are in it can change. */
  file: LogFile;
  readonly #options: FollowOptions;
  #part: LogPart | null;
  #offset: number;
  #rest: Buffer = NOTHING;
  readonly #ahead: LinesAhead;
  readonly #format: (place: FilePlace) => string;
  #isAtEnd = false;
  readonly #begunAt: number;
  /** Everything that was there at this time is read, and its times are known. */
  #quietAt = -Infinity;
  #sinceCheck = 0;

  /** Goes on at `offset` of a part, which it then owns, or waits for the file to appear. */
  constructor(
    file: LogFile,
    at: { readonly part: LogPart; readonly offset: number } | null,
    options: FollowOptions,
  ) {
    this.file = file;
    this.#options = options;
    this.#ahead = new LinesAhead(options.filter);
    this.#format = markFormatter(file.path);
    this.#part = at?.part ?? null;
    this.#offset = at?.offset ?? 0;
    this.#begunAt = options.clock.now();
  }

  /** Goes on where somebody has stopped to read. */
  static async resume(file: LogFile, place: FilePlace, options: FollowOptions): Promise<FollowedFile> {
    const { context } = options;
    const found = await openPlaceOf(file.path, place, { context, keep: file.keep });
    const followed = new FollowedFile(file, found, options);
    if (found?.isGap === true) followed.#skipped(null);
    return followed;
  }

  /** There is more of it, known or not yet. */
  get isBusy(): boolean {
    return !this.#ahead.isEmpty || !this.#isAtEnd;
  }

  /** There was more to read than was taken in. */
  get hasMore(): boolean {
    return !this.#isAtEnd;
  }

  /** Where it is, for whoever comes back. */
  get mark(): string {
    return this.#markAt(this.#offset - this.#rest.length);
  }

  /**
   * Reads what is new, and finds out when it was written. `isAlone`: its lines need not be put in order with others, so
   * that nobody waits for the index.
   */
  async look(isAlone: boolean): Promise<void> {
    const now = this.#options.clock.now();
    this.#isAtEnd = false;
    while (this.#ahead.bytes < MAX_AHEAD_BYTES) {
      this.#part ??= await this.#appeared();
      const found = this.#part === null ? 'end' : await this.#readOn(this.#part, now);
      this.#isAtEnd = found === 'end';
      if (found !== 'more') break;
    }
    if (this.#isAtEnd && !this.#ahead.hasUntold) this.#quietAt = now;
    if (this.#ahead.hasUntold) await this.#tell(isAlone, now);
    if (this.#sinceCheck >= LAG_CHECK_BYTES) await this.#checkLag();
  }

  /**
   * Nothing that is still to come of it counts as earlier. `unchanged`: it was not written to between the last look and
   * then (epoch milliseconds); null: that is not known.
   */
  bound(unchanged: number | null): number {
    const isQuiet = this.#isAtEnd && !this.#ahead.hasUntold;
    const quiet = isQuiet ? Math.max(this.#quietAt, unchanged ?? -Infinity) : this.#quietAt;
    return Math.max(this.#ahead.lastKey, quiet - WRITTEN_MS);
  }

  /** Takes what counts as written up to `key`. */
  take(key: number): readonly FollowedItem[] {
    return this.#ahead.take(key);
  }

  async close(): Promise<void> {
    const part = this.#part;
    this.#part = null;
    await part?.close();
  }

  async #appeared(): Promise<LogPart | null> {
    const part = await LogPart.open(this.file.path, this.#options.context);
    this.#offset = 0;
    return part;
  }

  /**
   * Reads a block, or goes on to the next part. `held`: what is known only of this part is told first; `end`: there is
   * nothing new.
   */
  async #readOn(part: LogPart, now: number): Promise<'more' | 'held' | 'end'> {
    const block = await part.read(this.#offset, BLOCK_BYTES);
    if (block.length > 0) {
      if (loopTurns.isOver) await loopTurns.next();
      await this.#addBlock(block, now);
      this.#sinceCheck += block.length;
      return 'more';
    }
    if (this.#ahead.hasUntold) return 'held';
    return (await this.#moveOn(part, now)) ? 'more' : 'end';
  }

  async #addBlock(block: Buffer, now: number): Promise<void> {
    const start = this.#offset - this.#rest.length;
    this.#offset += block.length;
    const bytes = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block]);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    this.#rest = bytes.subarray(whole);
    await this.#ahead.add(bytes.subarray(0, whole), start, now);
    if (this.#rest.length > MAX_LINE_BYTES) await this.#addRest(now);
  }

  /** What was not ended when its file was left will not be ended any more. */
  async #addRest(now: number): Promise<void> {
    const rest = this.#rest;
    this.#rest = NOTHING;
    await this.#ahead.addPiece(rest, this.#offset - rest.length, now);
  }

  /** At the end of a part: whether there is another place to read from. */
  async #moveOn(part: LogPart, now: number): Promise<boolean> {
    await part.look();
    if (part.size < this.#offset) {
      if (this.#rest.length > 0) await this.#addRest(now);
      this.#offset = 0;
      this.#rest = NOTHING;
      return true;
    }
    const named = await stat(this.file.path).catch(() => null);
    // While nothing has the name, whoever moved the file may still be writing to it.
    if (named === null || isSameFile(identityOf(named), part.identity)) return false;
    await part.look();
    if (part.size > this.#offset) return true;
    if (this.#rest.length > 0) {
      await this.#addRest(now);
      return true;
    }
    const { context } = this.#options;
    const next = await openSuccessor(this.file.path, this.#place(part), { context, keep: this.file.keep });
    if (next === null) return false;
    await this.#goTo(next);
    return true;
  }

  async #goTo({ part, offset, isGap }: Resumed): Promise<void> {
    await this.#part?.close();
    this.#part = part;
    this.#offset = offset;
    this.#rest = NOTHING;
    this.#sinceCheck = 0;
    if (isGap) this.#skipped(null);
  }

  /** Files that are rotated away before they are read would be gone without anybody knowing how much was in them. */
  async #checkLag(): Promise<void> {
    const part = this.#part;
    const { keep } = this.file;
    if (part === null || keep === null || keep < 2 || this.#ahead.hasUntold) return;
    this.#sinceCheck = 0;
    const next = await skipTo(this.file.path, this.#place(part), { keep, context: this.#options.context });
    if (next === null) return;
    await this.#goTo({ part: next.part, offset: 0, isGap: false });
    this.#skipped(next.skipped);
  }

  #skipped(count: number | null): void {
    this.#ahead.addSkip(count, this.mark);
  }

  async #tell(isAlone: boolean, now: number): Promise<void> {
    if (this.#part === null) return;
    await this.#part.look();
    // Before a mark is made that has it.
    await this.#part.firstTime();
    await this.#ahead.tell(this.file, this.#part, {
      now,
      // Who wrote a line of a shared file is known from the index alone.
      isAlone: isAlone && !isShared(this.file),
      markAt: (offset) => this.#markAt(offset),
    });
  }

  #place(part: LogPart): FilePlace {
    return { ...part.identity, offset: this.#offset, at: part.begunAt };
  }

  #markAt(offset: number): string {
    const part = this.#part;
    const at = part?.begunAt ?? Math.max(this.#begunAt, this.#quietAt);
    return this.#format({ ...(part?.identity ?? NO_FILE), offset, at });
  }
}
