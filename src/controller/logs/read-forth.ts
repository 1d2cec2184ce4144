import { BLOCK_BYTES, chosen, MAX_LINE_BYTES, type Place, type Wanted } from './read-back.ts';
import { NEWLINE } from './parts/lines-of.ts';
import { isSameFile, listParts, LogPart, type PartPlace, type PartsContext } from './parts/log-part.ts';
import type { LogFile } from './parts/log-source.ts';
import type { TimedLine } from './parts/timed-line.ts';

/** The lines of a log from `since` on, the oldest first, over all files that were rotated away, up to a place in the newest. */
export async function* linesForth(
  file: LogFile,
  newest: Place | null,
  wanted: Wanted,
  context: PartsContext,
): AsyncGenerator<readonly TimedLine[]> {
  const { since } = wanted;
  const listed = (await wanted.rotated.has(file.path)) ? await listParts(file.path) : [];
  const older = listed.filter(
    (place) =>
      (newest === null || !isSameFile(place, newest.part.identity)) &&
      (since === null || place.mtimeMs >= since),
  );
  for (const place of older.reverse()) {
    const part = await openPlace(file.path, place, context);
    if (part === null) continue;
    try {
      yield* partForth(file, { part, end: part.size }, wanted);
    } finally {
      await part.close();
    }
  }
  if (newest !== null) yield* partForth(file, newest, wanted);
}

/** A file under the name that it has by now; null: it is no more. */
async function openPlace(path: string, place: PartPlace, context: PartsContext): Promise<LogPart | null> {
  const part = await LogPart.open(place.path, context);
  if (part !== null && isSameFile(part.identity, place)) return part;
  await part?.close();
  const moved = (await listParts(path)).find((other) => isSameFile(other, place));
  return moved === undefined ? null : LogPart.open(moved.path, context);
}

async function* partForth(
  file: LogFile,
  { part, end }: Place,
  wanted: Wanted,
): AsyncGenerator<readonly TimedLine[]> {
  const { since, until } = wanted;
  let position = since === null ? 0 : await beginningOf(part, since);
  const later = until === null || part.covered === 0 ? null : await part.times.offsetAt(until + 1);
  const last = later === null ? end : Math.min(end, later);
  while (position < last) {
    const bytes = await lineBlock(part, position, last);
    if (bytes.length === 0) return;
    const lines = await chosen(file, part, { bytes, from: 0, base: position }, wanted);
    position += bytes.length;
    const given = lines.filter(
      ({ key }) => (since === null || key >= since) && (until === null || key <= until),
    );
    if (given.length > 0) yield given;
  }
}

/** Where the first line that may be from `since` or later begins. */
async function beginningOf(part: LogPart, since: number): Promise<number> {
  if (part.covered === 0) return 0;
  const at = (await part.times.offsetAt(since)) ?? part.covered;
  // The time of a line is that of its beginning: one that has begun before is not wanted.
  if (at === 0 || (await part.read(at - 1, 1))[0] === NEWLINE) return at;
  for (let position = at; position < at + MAX_LINE_BYTES; position += BLOCK_BYTES) {
    const newline = (await part.read(position, BLOCK_BYTES)).indexOf(NEWLINE);
    if (newline !== -1) return position + newline + 1;
  }
  return at;
}

/** Whole lines from a place on; of one that does not end, a piece. */
async function lineBlock(part: LogPart, position: number, end: number): Promise<Buffer> {
  for (let size = BLOCK_BYTES * 2; ; size *= 2) {
    const length = Math.min(size, end - position);
    const bytes = await part.read(position, length);
    if (length === end - position || bytes.length < length) return bytes;
    const newline = bytes.lastIndexOf(NEWLINE);
    if (newline !== -1) return bytes.subarray(0, newline + 1);
    if (size >= MAX_LINE_BYTES) return bytes;
  }
}
