import { loopTurns } from '../../lib/turns/turns.ts';
import { ownTimes } from './parts/daemon-times.ts';
import type { LineFilter } from './search/line-filter.ts';
import { linesOf, NEWLINE, type LineBounds } from './parts/lines-of.ts';
import { isSameFile, listParts, LogPart, type PartsContext } from './parts/log-part.ts';
import type { LogFile } from './parts/log-source.ts';
import type { RotatedNames } from './parts/rotated-names.ts';
import { lineMaker, timesIn, type TimedLine } from './parts/timed-line.ts';

/** Of each file at first: most of them have little to say. */
const FIRST_BLOCK_BYTES = 16 * 1024;
export const BLOCK_BYTES = 64 * 1024;
/** A line that does not end is given out in pieces of this size. */
export const MAX_LINE_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);
/** Lines that are looked at before others have their turn. */
const TURN_LINES = 4096;

/** Which lines of a log are wanted. */
export interface Wanted {
  /** Epoch milliseconds: from then on; null: from the beginning. */
  readonly since: number | null;
  /** Up to then; null: to the end. */
  readonly until: number | null;
  /** null: all of them. */
  readonly filter: LineFilter | null;
  /** Told of a log in which `since` or `until` cannot leave out what they should: it does not say when it was written. */
  readonly onUntimed: (file: LogFile) => void;
  readonly rotated: RotatedNames;
}

/** The newest part of a log, and where in it to begin. */
export interface Place {
  readonly part: LogPart;
  /** Where the lines end. */
  readonly end: number;
}

/** The lines of a log from its end on, the newest first, over all files that were rotated away. */
export async function* linesBack(
  file: LogFile,
  newest: Place | null,
  wanted: Wanted,
  context: PartsContext,
): AsyncGenerator<readonly TimedLine[]> {
  let part: LogPart | null = newest?.part ?? null;
  let end = newest?.end ?? 0;
  let age = 0;
  try {
    for (;;) {
      if (part !== null) {
        if (wanted.since !== null && part.mtimeMs < wanted.since) return;
        if (yield* partBack(file, { part, end }, wanted)) return;
      }
      const hasOlder = await wanted.rotated.has(file.path);
      const older = hasOlder ? await openOlder(file.path, part, age, context) : null;
      if (part !== newest?.part) await part?.close();
      part = older?.part ?? null;
      if (older === null) return;
      ({ age } = older);
      end = older.part.size;
    }
  } finally {
    if (part !== newest?.part) await part?.close();
  }
}

/** What was rotated away before a part, wherever that is by now. */
async function openOlder(
  path: string,
  than: LogPart | null,
  age: number,
  context: PartsContext,
): Promise<{ readonly part: LogPart; readonly age: number } | null> {
  const parts = await listParts(path);
  const mine = than === null ? -1 : parts.findIndex((place) => isSameFile(place, than.identity));
  // One that was compressed meanwhile is another file; that it stands where it did is the best that is known.
  const candidates = mine === -1 ? parts.filter((place) => place.age > age) : parts.slice(mine + 1);
  for (const place of candidates) {
    const part = await LogPart.open(place.path, context);
    if (part !== null) return { part, age: place.age };
  }
  return null;
}

/** The lines of one part, the newest first; returns whether those that are older are not wanted. */
async function* partBack(
  file: LogFile,
  { part, end }: Place,
  wanted: Wanted,
): AsyncGenerator<readonly TimedLine[], boolean> {
  const { since, until } = wanted;
  const later = until === null ? null : await part.times.offsetAt(until + 1);
  let position = later === null || part.covered === 0 ? end : Math.min(end, later);
  let carry: Buffer = NOTHING;
  for (let size = FIRST_BLOCK_BYTES; position > 0; size = BLOCK_BYTES) {
    const length = Math.min(size, position);
    const block = await part.read(position - length, length);
    // Emptied meanwhile.
    if (block.length < length) return true;
    position -= length;
    const bytes = carry.length === 0 ? block : Buffer.concat([block, carry]);
    let first = position === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    // None begins here. One that has no end, or no beginning that is near, is given out in pieces.
    if (first === 0 && position > 0) first = bytes.length;
    if (first > MAX_LINE_BYTES) first = 0;
    carry = bytes.subarray(0, first);
    if (first === bytes.length) continue;
    const lines = await chosen(file, part, { bytes, from: first, base: position }, wanted);
    const old = since === null ? -1 : lines.findLastIndex(({ key }) => key < since);
    const given = lines.slice(old + 1).filter(({ key }) => until === null || key <= until);
    if (given.length > 0) yield given.reverse();
    if (old !== -1) return true;
  }
  return false;
}

/** Bytes of a part, of which lines begin at `from`. */
export interface Stretch {
  readonly bytes: Buffer;
  readonly from: number;
  /** Where in the part the bytes begin. */
  readonly base: number;
}

/** The lines of a stretch that pass the filter and are of what is asked for, with their times. */
export async function chosen(
  file: LogFile,
  part: LogPart,
  { bytes, from, base }: Stretch,
  wanted: Wanted,
): Promise<TimedLine[]> {
  const found: TimedLine[] = [];
  // Lines can be as short as a byte.
  for (let at = from; at < bytes.length;) {
    if (loopTurns.isOver) await loopTurns.next();
    const lines = linesOf(bytes, at, bytes.length, TURN_LINES);
    found.push(...(await chosenOf(file, part, { bytes, lines, base }, wanted)));
    at = (lines.ends.at(-1) ?? bytes.length) + 1;
  }
  return found;
}

async function chosenOf(
  file: LogFile,
  part: LogPart,
  { bytes, lines, base }: { readonly bytes: Buffer; readonly lines: LineBounds; readonly base: number },
  { since, until, filter, onUntimed }: Wanted,
): Promise<TimedLine[]> {
  const passed = filter === null ? lines.starts.map((_, index) => index) : await filter(bytes, lines);
  if (passed.length === 0 && since === null) return [];
  const timesOf = file.isDaemonLog
    ? ownTimes(bytes, lines, { base, mtimeMs: part.mtimeMs })
    : await timesIn(part, base + (lines.starts[0] ?? 0), base + (lines.ends.at(-1) ?? 0));
  const make = lineMaker(file);
  const found: TimedLine[] = [];
  for (const index of passed) {
    const [start = 0, end = 0] = [lines.starts[index], lines.ends[index]];
    const line = { bytes: bytes.subarray(start, end), start: base + start, end: base + end + 1 };
    const timed = make(line, timesOf(base + start));
    if (timed === null) continue;
    if (timed.at === null && (since !== null || until !== null)) onUntimed(file);
    found.push(timed);
  }
  return found;
}

/** Where the last whole line of a part ends: what follows may still grow. */
export async function lastLineEnd(part: LogPart): Promise<number> {
  for (let end = part.size; end > 0 && part.size - end < MAX_LINE_BYTES; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const at = (await part.read(start, end - start)).lastIndexOf(NEWLINE);
    if (at !== -1) return start + at + 1;
    if (start === 0) return 0;
  }
  return part.size;
}
