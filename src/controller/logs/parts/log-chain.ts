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

/** Of a file that is not there as it was: the oldest part that has nothing but what is later. */
async function afterCompressed(
  parts: readonly PartPlace[],
  mine: FilePlace,
  context: PartsContext,
  keep: number | null,
): Promise<{ readonly place: PartPlace | undefined; readonly isGap: boolean }> {
  let next = parts[0];
  let hasFound = false;
  for (const place of parts.slice(1)) {
    const first = await firstTimeOf(place.path, context);
    // Without times nothing is known of it, but that the one that is written to comes after ours.
    if (first === null) break;
    if (first <= mine.at) {
      hasFound = true;
      break;
    }
    next = place;
  }
  const isFull = keep !== null && parts.length > keep;
  return { place: next, isGap: !hasFound && isFull && mine.at > 0 };
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
      parts.find((one) => isSameFile(one, mine)) ?? (await compressedOf(parts, mine, options.context));
    if (place === undefined) break;
    const part = await LogPart.open(place.path, options.context);
    if (part !== null && isSameFile(part.identity, place)) {
      // Emptied meanwhile: what is there is new.
      return { part, offset: part.size < mine.offset ? 0 : mine.offset, isGap: false };
    }
    await part?.close();
  }
  return openSuccessor(path, mine, options);
}

/** The compressed file that holds a place: the newest that begins before it. */
async function compressedOf(
  parts: readonly PartPlace[],
  mine: FilePlace,
  context: PartsContext,
): Promise<PartPlace | undefined> {
  if (mine.at === 0) return undefined;
  for (const place of parts) {
    const first = await firstTimeOf(place.path, context);
    if (first !== null && first <= mine.at) return place.path.endsWith('.gz') ? place : undefined;
  }
  return undefined;
}
