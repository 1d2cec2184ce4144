import { systemClock, type Clock } from '../../lib/clocks/clock.ts';
import { FollowedFile } from './follow/followed-file.ts';
import { FollowedSet } from './follow/followed-set.ts';
import { watchFiles } from './follow/folder-watch.ts';
import { followLogs } from './follow/follow-logs.ts';
import { loopTurns } from '../../lib/turns/turns.ts';
import type { LineFilter } from './search/line-filter.ts';
import type { LogBook } from './books.ts';
import { begunAt, formatBegun, formatMark, placeOf } from './parts/log-marks.ts';
import { LogPart, NO_FILE, type PartsContext } from './parts/log-part.ts';
import { isShared, type LogFile } from './parts/log-source.ts';
import { RotatedNames } from './parts/rotated-names.ts';
import { merge, type Merged } from './merge.ts';
import { lastLineEnd, linesBack, type Place, type Wanted } from './read-back.ts';
import { linesForth } from './read-forth.ts';
import type { TimedLine } from './parts/timed-line.ts';

export interface ReadLogsOptions {
  /** Of all files together, at most, the newest; null: all of them, which takes a `since` or patience. */
  readonly lines: number | null;
  /** Epoch milliseconds; lines from before, and from after `until`, are left out where it is known. null: no bound. */
  readonly since: number | null;
  readonly until: number | null;
  /** null: every line is wanted. */
  readonly filter: LineFilter | null;
  /** Goes on with what is appended until the signal fires. */
  readonly follow: boolean;
  /** Where somebody who comes back has stopped to read: of these files only what came after. */
  readonly from?: readonly string[];
  readonly signal: AbortSignal;
  readonly context: PartsContext;
  readonly clock?: Clock;
  readonly pollMs?: number;
}

/** What readLogs gives. */
export type ReadItem =
  | { readonly kind: 'line'; readonly file: LogFile; readonly line: TimedLine; readonly mark?: string }
  /** Lines that were not read are missing here; null: nobody knows how many. */
  | { readonly kind: 'skipped'; readonly file: LogFile; readonly count: number | null; readonly mark: string }
  | { readonly kind: 'mark'; readonly mark: string }
  | { readonly kind: 'untimed'; readonly file: LogFile };

const DEFAULT_POLL_MS = 500;
/** What is held at once of lines that are asked for, however many they are. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** Files that are opened at the same time. */
const PARALLEL = 32;
/** The index of what was just written is waited for so long, where the order of lines hangs on it. */
const FRESH_MS = 1_000;
const INDEX_MS = 400;
const INDEX_POLL_MS = 25;

/**
 * The last lines of logs, merged by time, and then, with `follow`, what is appended, as it comes. Little is read ahead: the
 * reader sets the pace. A file that is not there yet has no lines, and is followed when it appears.
 */
export async function* readLogs(
  book: LogBook,
  options: ReadLogsOptions,
): AsyncGenerator<readonly ReadItem[]> {
  if (!options.follow) {
    yield* readPast(book.files(), options, null);
    return;
  }
  const clock = options.clock ?? systemClock;
  const { signal, context, filter, from = [] } = options;
  // Watching begins before the first read: what is written in between is noticed.
  const watch = watchFiles({ clock, signal });
  const begun = begunAt(from) ?? clock.now();
  const set = new FollowedSet({ clock, context, filter, book, watch, begun });
  const stop = book.subscribe(() => watch.wake());
  try {
    const files = book.files();
    watch.watch(files.map(({ path }) => path));
    const mark = formatBegun(begun);
    yield [{ kind: 'mark', mark }];
    yield* readPast(files, options, set);
    // Whoever waits until nothing can be missed any more is told, of no file too.
    yield [{ kind: 'mark', mark }];
    const pollMs = options.pollMs ?? DEFAULT_POLL_MS;
    for await (const batch of followLogs({ clock, watch, signal, pollMs, files: () => set.files() })) {
      yield batch.map(({ file, item }): ReadItem => {
        const { mark } = item;
        return item.kind === 'line'
          ? { kind: 'line', file, line: item, mark }
          : { kind: 'skipped', file, count: item.count, mark };
      });
    }
  } finally {
    stop();
    watch.close();
    await set.close();
  }
}

/** A log whose past is asked for, and where its lines end; null: there is no file. */
interface Opened {
  readonly file: LogFile;
  readonly place: Place | null;
}

/** What is there. With a set, each file is handed over to it where its lines end. */
async function* readPast(
  files: readonly LogFile[],
  options: ReadLogsOptions,
  set: FollowedSet | null,
): AsyncGenerator<readonly ReadItem[]> {
  const { context, signal, filter, from = [] } = options;
  const clock = options.clock ?? systemClock;
  const follow = { clock, context, filter };
  let opened: Opened[] = [];
  try {
    for (let first = 0; first < files.length && !signal.aborted; first += PARALLEL) {
      const some = files.slice(first, first + PARALLEL).map(async (file): Promise<Opened | null> => {
        const seen = set === null ? null : placeOf(file.path, from);
        if (seen !== null) set?.add(await FollowedFile.resume(file, seen, follow));
        // One that is new since the reader was here last is new as a whole: the set begins with it.
        else if (set === null || from.length === 0) {
          return { file, place: await openPlace(file, context, set !== null) };
        }
        return null;
      });
      opened.push(...(await Promise.all(some)).filter((one) => one !== null));
    }
    await freshTimes(opened, clock);
    yield* chosenLines(opened, options);
    if (set === null) return;
    for (const { place } of opened) await place?.part.firstTime();
    const marks = opened.map(({ file, place }): ReadItem => {
      set.add(new FollowedFile(file, place && { part: place.part, offset: place.end }, follow));
      const identity = place?.part.identity ?? NO_FILE;
      const offset = place?.end ?? 0;
      const at = place?.part.begunAt ?? clock.now();
      return { kind: 'mark', mark: formatMark(file.path, { ...identity, offset, at }) };
    });
    opened = [];
    if (marks.length > 0) yield marks;
  } finally {
    for (const { place } of opened) await place?.part.close();
  }
}

/** Most logs of idle apps are empty: one that is not followed is as good as none. */
async function openPlace(file: LogFile, context: PartsContext, isFollowed: boolean): Promise<Place | null> {
  const part = await LogPart.open(file.path, context, isFollowed ? 0 : 1);
  return part === null ? null : { part, end: isFollowed ? await lastLineEnd(part) : part.size };
}

/** Waits for what the runner has still to tell of lines that were just written, where their order hangs on it. */
async function freshTimes(opened: readonly Opened[], clock: Clock): Promise<void> {
  if (opened.length < 2 && !opened.some(({ file }) => isShared(file))) return;
  const deadline = clock.monotonic() + INDEX_MS;
  let behind = opened.flatMap(({ place }) => {
    const isBehind = place !== null && place.part.covered < place.end;
    return isBehind && clock.now() - place.part.mtimeMs < FRESH_MS ? [place] : [];
  });
  while (behind.length > 0 && clock.monotonic() < deadline) {
    await new Promise<void>((resolve) => clock.after(INDEX_POLL_MS, resolve));
    for (const { part } of behind) await part.look();
    behind = behind.filter(({ part, end }) => part.covered < end);
  }
}

async function* chosenLines(
  opened: readonly Opened[],
  { lines, since, until, filter, context, signal }: ReadLogsOptions,
): AsyncGenerator<readonly ReadItem[]> {
  if (lines === 0) return;
  const untimed: LogFile[] = [];
  const onUntimed = (file: LogFile): void => {
    if (untimed.length === 0) untimed.push(file);
  };
  const wanted: Wanted = { since, until, filter, onUntimed, rotated: new RotatedNames() };
  /** Said once. */
  const said = (): readonly ReadItem[] =>
    untimed.splice(0).map((file): ReadItem => ({ kind: 'untimed', file }));
  if (lines === null) {
    const sources = opened.map(({ file, place }) => linesForth(file, place, wanted, context));
    let first = true;
    for await (const batch of merge(sources, 'oldest-first')) {
      if (signal.aborted) return;
      const notice: readonly ReadItem[] = first ? said() : [];
      first &&= notice.length === 0;
      yield [...notice, ...batch.map(({ source, item }) => lineItem(opened[source], item))];
    }
    return;
  }
  const sources = opened.map(({ file, place }) => linesBack(file, place, wanted, context));
  const found = await newest(merge(sources, 'newest-first'), lines, signal);
  yield [...said(), ...found.reverse().map(({ source, item }) => lineItem(opened[source], item))];
}

/** The first lines of those that come newest first, as many as there is room for. */
async function newest(
  batches: AsyncIterable<readonly Merged<TimedLine>[]>,
  lines: number,
  signal: AbortSignal,
): Promise<Merged<TimedLine>[]> {
  const found: Merged<TimedLine>[] = [];
  let room = MAX_HELD_BYTES;
  for await (const batch of batches) {
    if (loopTurns.isOver) await loopTurns.next();
    for (const { source, item } of batch) {
      if (found.length === lines || room <= 0 || signal.aborted) return found;
      room -= item.bytes.length;
      // Not with all that was read around it.
      found.push({ source, item: { ...item, bytes: Buffer.from(item.bytes) } });
    }
    if (found.length === lines) return found;
  }
  return found;
}

function lineItem(opened: Opened | undefined, line: TimedLine): ReadItem {
  if (opened === undefined) throw new Error('a line of no file');
  return { kind: 'line', file: opened.file, line };
}
