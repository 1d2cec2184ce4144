import type { LogSource as StampSource, LogStamp } from '../../../lib/log-times/log-stamp.ts';
import { originOf, type LogFile, type Origin } from './log-source.ts';
import type { LogPart } from './log-part.ts';

/** A line of a log file, and when it was written. */
export interface TimedLine {
  /** Without its newline. */
  readonly bytes: Buffer;
  readonly start: number;
  /** Where the next one begins. */
  readonly end: number;
  /** Epoch milliseconds; null: nobody knows. */
  readonly at: number | null;
  /** What it is ordered by: its time, or what that counts as. */
  readonly key: number;
  readonly origin: Origin;
}

/** When bytes were written, and from where they came. */
export interface LineTime {
  readonly at: number | null;
  readonly key: number;
  readonly source: StampSource | null;
}

/** Says of places in a part of a file when they were written. Places are asked for in any order. */
export type TimesOf = (offset: number) => LineTime;

/**
 * The times of a stretch of a part. Beyond what the index tells, a line counts as written when the file was last written
 * to: the runner is a moment behind. Where times were not kept, it counts as the next one that is known.
 */
export async function timesIn(part: LogPart, from: number, to: number): Promise<TimesOf> {
  const { covered, mtimeMs } = part;
  const stamps = covered === 0 ? [] : await part.times.stampsIn(from, Math.min(to, covered));
  const first = stamps[0];
  const before = first === undefined ? covered : first.offset;
  const untold = before > from ? await keyAt(part, from) : mtimeMs;
  const keys = new Map<LogStamp, number>();
  for (const stamp of stamps) keys.set(stamp, stamp.at ?? (await keyAt(part, stamp.offset)));
  return (offset) => {
    if (offset >= covered) return { at: covered === 0 ? null : mtimeMs, key: mtimeMs, source: null };
    const stamp = lastBefore(stamps, offset);
    if (stamp === undefined) return { at: null, key: untold, source: null };
    return { at: stamp.at, key: keys.get(stamp) ?? mtimeMs, source: stamp.source };
  };
}

async function keyAt(part: LogPart, offset: number): Promise<number> {
  return (await part.times.nextKnown(offset)) ?? part.mtimeMs;
}

function lastBefore(stamps: readonly LogStamp[], offset: number): LogStamp | undefined {
  let low = 0;
  let high = stamps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stamps[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return stamps[low - 1];
}

/** Makes lines of a file, with where they are from; null: of something that was not asked for. */
export type LineMaker = (
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  time: LineTime,
) => TimedLine | null;

/** Many lines come from the same place. */
export function lineMaker(file: LogFile): LineMaker {
  const origins = new Map<StampSource | null, Origin | null>();
  return (line, { at, key, source }) => {
    let origin = origins.get(source);
    if (origin === undefined) {
      origin = originOf(file, source);
      origins.set(source, origin);
    }
    return origin === null ? null : { ...line, at, key, origin };
  };
}
