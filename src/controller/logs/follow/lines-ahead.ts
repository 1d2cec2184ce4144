import { loopTurns } from '../../../lib/turns/turns.ts';
import { ownTime } from '../parts/daemon-times.ts';
import { linesOf } from '../parts/lines-of.ts';
import type { LineFilter } from '../search/line-filter.ts';
import type { LogPart } from '../parts/log-part.ts';
import type { LogFile } from '../parts/log-source.ts';
import { lineMaker, timesIn, type TimedLine } from '../parts/timed-line.ts';

/** For so long the index may be behind; then the line counts as written when it was seen, and no other is waited for. */
const UNTOLD_MS = 1_000;
const TURN_LINES = 512;

/** What a followed file gives: a line, or that some are missing. */
export type FollowedItem =
  | (TimedLine & { readonly kind: 'line'; readonly mark: string })
  | { readonly kind: 'skipped'; readonly count: number | null; readonly key: number; readonly mark: string };

interface Untold {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Epoch milliseconds. */
  readonly seenAt: number;
}

export interface TellOptions {
  readonly now: number;
  /** Its lines need not be put in order with others: nobody waits for the index. */
  readonly isAlone: boolean;
  /** The place behind a line, for whoever comes back. */
  readonly markAt: (offset: number) => string;
}

/** Lines of a followed file that were read, and not given out yet: those whose time is known, and behind them the others. */
export class LinesAhead {
  readonly #filter: LineFilter | null;
  #told: FollowedItem[] = [];
  #untold: Untold[] = [];
  #bytes = 0;
  #lastKey = -Infinity;
  /** The index told so much when it was waited for in vain: what is beyond is not waited for until it tells more. */
  #stuckAt = -1;

  constructor(filter: LineFilter | null) {
    this.#filter = filter;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#told.length === 0 && this.#untold.length === 0;
  }

  get hasUntold(): boolean {
    return this.#untold.length > 0;
  }

  /** What the newest line whose time is known counts as; -Infinity: there was none. */
  get lastKey(): number {
    return this.#lastKey;
  }

  /** Whole lines; `base`: where in the file they begin. */
  async add(bytes: Buffer, base: number, seenAt: number): Promise<void> {
    const lines = linesOf(bytes, 0, bytes.length);
    const passed = this.#filter === null ? lines.starts.keys() : await this.#filter(bytes, lines);
    for (const index of passed) {
      const [start = 0, end = 0] = [lines.starts[index], lines.ends[index]];
      const part = bytes.subarray(start, end);
      // Few of many are kept: not with all that was read around them.
      const kept = this.#filter === null ? part : Buffer.from(part);
      this.#push({ bytes: kept, start: base + start, end: base + end + 1, seenAt });
    }
  }

  /** What has no newline, and will not get one, or is too long to be waited for. */
  async addPiece(bytes: Buffer, start: number, seenAt: number): Promise<void> {
    const whole = { starts: [0], ends: [bytes.length] };
    if (this.#filter !== null && (await this.#filter(bytes, whole)).length === 0) return;
    this.#push({ bytes, start, end: start + bytes.length, seenAt });
  }

  addSkip(count: number | null, mark: string): void {
    this.#told.push({ kind: 'skipped', count, key: this.#lastKey, mark });
  }

  /** Finds out when lines were written: by the index of the part that all of them are of (as it was looked at last), or by when they were seen. */
  async tell(file: LogFile, part: LogPart, { now, isAlone, markAt }: TellOptions): Promise<void> {
    const [first] = this.#untold;
    const last = this.#untold.at(-1);
    if (first === undefined || last === undefined) return;
    const { covered } = part;
    const timesOf = await timesIn(part, first.start, last.end);
    const make = lineMaker(file);
    const isWaitedFor = !isAlone && covered !== this.#stuckAt && file.isDaemonLog !== true;
    let count = 0;
    for (const { bytes, start, end, seenAt } of this.#untold) {
      if (count % TURN_LINES === 0 && loopTurns.isOver) await loopTurns.next();
      const isTold = start < covered;
      if (!isTold && isWaitedFor && now - seenAt < UNTOLD_MS) break;
      if (!isTold && isWaitedFor) this.#stuckAt = covered;
      const own = file.isDaemonLog === true ? ownTime(bytes) : null;
      const time = timesOf(start);
      const at = isTold ? time.at : (own ?? seenAt);
      const key = Math.max(this.#lastKey, isTold ? time.key : (own ?? seenAt));
      const timed = make({ bytes, start, end }, { at, key, source: time.source });
      this.#lastKey = key;
      if (timed === null) this.#bytes -= end - start;
      else this.#told.push({ kind: 'line', ...timed, mark: markAt(end) });
      count += 1;
    }
    this.#untold = this.#untold.slice(count);
  }

  /** Takes what counts as written up to `key`. */
  take(key: number): readonly FollowedItem[] {
    let count = 0;
    while (count < this.#told.length && (this.#told[count]?.key ?? 0) <= key) count += 1;
    const taken = this.#told.slice(0, count);
    this.#told = this.#told.slice(count);
    for (const item of taken) if (item.kind === 'line') this.#bytes -= item.end - item.start;
    return taken;
  }

  #push(line: Untold): void {
    this.#untold.push(line);
    this.#bytes += line.end - line.start;
  }
}
