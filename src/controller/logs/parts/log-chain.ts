import {
  firstTimeOf,
  isSameFile,
  listParts,
  LogPart,
  type PartPlace,
  type PartsContext,
} from './log-part.ts';
import type { FilePlace } from './log-marks.ts';

const MAX_ATTEMPTS = 10;
const MAX_APART_MS = 2_000;

/** Where somebody who has read up to a place goes on. */
export interface Resumed {
  readonly part: LogPart;
  readonly offset: number;
  /** What came between is gone. */
  readonly isGap: boolean;
}

/**
 * The part that was written after another one, which may have been rotated away, or compressed, by now. Files move while
 * they are looked at: what was opened must be what was seen, else it is looked for again. null: there is none.
 */
export async function openSuccessor(
  path: string,
  mine: FilePlace,
  { context, keep }: { readonly context: PartsContext; readonly keep: number | null },
): Promise<Resumed | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const parts = await listParts(path);
    const index = parts.findIndex((place) => isSameFile(place, mine));
    if (index === 0) return null;
    const next =
      index > 0
        ? { place: parts[index - 1], isGap: false }
        : await afterCompressed(parts, mine, context, keep);
    if (next.place === undefined) return null;
    const part = await LogPart.open(next.place.path, context);
    if (part !== null && isSameFile(part.identity, next.place)) return { part, offset: 0, isGap: next.isGap };
    await part?.close();
  }
  const part = await LogPart.open(path, context);
  return part === null ? null : { part, offset: 0, isGap: true };
}

/** Of a file that is not there as it was: the one after its compressed form, or where nothing is known the newest. */
async function afterCompressed(
  parts: readonly PartPlace[],
  mine: FilePlace,
  context: PartsContext,
  keep: number | null,
): Promise<{ readonly place: PartPlace | undefined; readonly isGap: boolean }> {
  const index = await indexOfCompressed(parts, mine, context);
  if (index > 0) return { place: parts[index - 1], isGap: false };
  const isFull = keep !== null && parts.length > keep;
  // All that is kept is newer: what is the oldest of it goes on.
  return isFull && mine.at > 0 ? { place: parts.at(-1), isGap: true } : { place: parts[0], isGap: false };
}

/** Goes on at a place where somebody has stopped to read, also when the file was rotated or compressed since. */
export async function openPlaceOf(
  path: string,
  mine: FilePlace,
  options: { readonly context: PartsContext; readonly keep: number | null },
): Promise<Resumed | null> {
  if (mine.ino === 0) {
    // There was no file: all that is there is new.
    const parts = await listParts(path);
    const oldest = mine.at === 0 ? undefined : parts.findLast((place) => place.mtimeMs >= mine.at);
    const part = await LogPart.open((oldest ?? parts[0])?.path ?? path, options.context);
    return part === null ? null : { part, offset: 0, isGap: false };
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const parts = await listParts(path);
    const place =
      parts.find((one) => isSameFile(one, mine)) ??
      parts[await indexOfCompressed(parts, mine, options.context)];
    if (place === undefined) {
      if (attempt === 0) continue;
      break;
    }
    const part = await LogPart.open(place.path, options.context);
    if (part !== null && isSameFile(part.identity, place)) {
      // Emptied meanwhile: what is there is new.
      return { part, offset: part.size < mine.offset ? 0 : mine.offset, isGap: false };
    }
    await part?.close();
  }
  return openSuccessor(path, mine, options);
}

/**
 * Where the compressed form of a file is: what it holds begins at the same time, or, where that was not known yet, next to
 * when the file was made. -1: it is not there, or not known.
 */
async function indexOfCompressed(
  parts: readonly PartPlace[],
  mine: FilePlace,
  context: PartsContext,
): Promise<number> {
  let nearest = { index: -1, apart: MAX_APART_MS };
  if (mine.at === 0) return -1;
  for (const [index, place] of parts.entries()) {
    if (!place.path.endsWith('.gz')) continue;
    const first = await firstTimeOf(place.path, context);
    if (first === mine.at) return index;
    const apart = first === null ? Infinity : Math.abs(first - mine.at);
    if (apart < nearest.apart) nearest = { index, apart };
  }
  return nearest.index;
}
