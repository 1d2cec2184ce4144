import { stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AppKey } from '../../lib/app-key.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { watchFolders } from './folder-watch.ts';
import { followFrom, LogFollower } from './log-follower.ts';
import { formatMark, placeOf } from './log-marks.ts';
import { openLogFile, readTail, type Tail } from './log-tail.ts';
import { lineClock, type LineTimes } from './log-time.ts';
import type { LogItem, LogLine, LogNotice } from '../../api/contract/wire/logs.ts';

/** One file to read. */
export interface LogSource extends LineTimes {
  readonly app: AppKey;
  /** null where instances share the file. */
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  /** Absolute. */
  readonly path: string;
}

export interface ReadLogsOptions {
  /** Of each file, at most. */
  readonly lines: number;
  /** Epoch milliseconds; lines from before are left out where the file says when they were written. null: none. */
  readonly since: number | null;
  /** Goes on with what is appended until the signal fires. */
  readonly follow: boolean;
  /** Where somebody who comes back has stopped to read: of these files only what came after. */
  readonly from?: readonly string[];
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly pollMs?: number;
}

const DEFAULT_POLL_MS = 500;
/** Rotated files that are looked at when the newest one has too few lines. */
const MAX_OLDER_FILES = 5;

/**
 * The last lines of log files, file by file, and then, with `follow`, what is appended, as it comes. Nothing is read
 * ahead: the reader sets the pace. A file that is not there yet has no lines, and is followed when it appears.
 *
 * `since` needs times in the lines (`log_date_format` with a date, or `log_type: json`). A file without them is left
 * out when it was not written to since then; else all its last lines are given, after a notice that says so.
 */
export async function* readLogs(
  sources: readonly LogSource[],
  options: ReadLogsOptions,
): AsyncGenerator<LogItem> {
  const { signal, follow } = options;
  const clock = options.clock ?? systemClock;
  const followers: { readonly source: LogSource; readonly follower: LogFollower }[] = [];
  // Watching begins before the first read: what is written in between is noticed.
  const folders = follow ? sources.map(({ path }) => dirname(path)) : [];
  const watch = watchFolders(folders, { clock, pollMs: options.pollMs ?? DEFAULT_POLL_MS, signal });
  try {
    for (const source of sources) {
      if (signal.aborted) return;
      const { items, follower, offset } = await openSource(source, options);
      if (follower !== null) followers.push({ source, follower });
      yield* items;
      const file = await follower?.file();
      if (follow) yield { mark: formatMark(source.path, { dev: 0, ino: 0, ...file, offset }) };
    }
    while (follow && !signal.aborted) {
      let isIdle = true;
      for (const { source, follower } of followers) {
        const lines = await follower.read();
        if (lines === null) continue;
        isIdle = false;
        const file = await follower.file();
        for (const { text, end: offset } of lines) {
          const mark = file === null ? {} : { mark: formatMark(source.path, { ...file, offset }) };
          yield { ...logLine(source, text), ...mark };
        }
      }
      if (isIdle) await watch.next();
    }
  } finally {
    watch.close();
    for (const { follower } of followers) await follower.close();
  }
}

interface OpenSource {
  readonly items: readonly LogItem[];
  readonly follower: LogFollower | null;
  /** Where the follower begins. */
  readonly offset: number;
}

/** The end of a file, and what goes on from there when it is to be followed. */
async function openSource(source: LogSource, options: ReadLogsOptions): Promise<OpenSource> {
  const { follow, from = [] } = options;
  const place = follow ? placeOf(source.path, from) : null;
  if (place !== null) {
    return { items: [], follower: await followFrom(source.path, place), offset: place.offset };
  }
  const handle = await openLogFile(source.path);
  if (handle === null) {
    return { items: [], follower: follow ? new LogFollower(source.path, null) : null, offset: 0 };
  }
  let isKept = false;
  try {
    const { items, offset } = await tailOf(source, handle, options);
    isKept = follow;
    // The same open file goes on: a rotation in between loses nothing.
    return { items, follower: isKept ? new LogFollower(source.path, { handle, offset }) : null, offset };
  } finally {
    if (!isKept) await handle.close();
  }
}

interface SourceTail {
  readonly items: readonly (LogLine | LogNotice)[];
  readonly offset: number;
}

async function tailOf(source: LogSource, handle: FileHandle, options: ReadLogsOptions): Promise<SourceTail> {
  const tail = await readTail(handle, options.lines);
  const rest = tail.rest !== '' && !options.follow ? [tail.rest] : [];
  const older = await olderLines(source.path, handle, options.lines - tail.lines.length - rest.length);
  const all = [...older, ...tail.lines, ...rest];
  const lines = options.lines === 0 ? [] : all.slice(-options.lines);
  const { mtimeMs } = await handle.stat();
  const items = selectSince(source, lines, { since: options.since, writtenAt: mtimeMs });
  return { items, offset: tail.offset };
}

/** Lines from the files that were rotated away, when the newest holds too few. */
async function olderLines(path: string, newest: FileHandle, wanted: number): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  let seen = (await newest.stat()).ino;
  for (let number = 1; number <= MAX_OLDER_FILES && lines.length < wanted; number++) {
    const older = await stat(`${path}.${number}`).catch(() => null);
    // Rotated while we read: the same file under its next name.
    if (older?.ino === seen) continue;
    const handle = await openLogFile(`${path}.${number}`);
    if (handle === null) break;
    try {
      seen = (await handle.stat()).ino;
      const tail: Tail = await readTail(handle, wanted - lines.length);
      lines = [...tail.lines, ...lines];
    } finally {
      await handle.close();
    }
  }
  return lines;
}

function selectSince(
  source: LogSource,
  lines: readonly string[],
  { since, writtenAt }: { readonly since: number | null; readonly writtenAt: number },
): readonly (LogLine | LogNotice)[] {
  const all = lines.map((line) => logLine(source, line));
  if (since === null || all.length === 0) return all;
  if (writtenAt < since) return [];
  const clock = lineClock(source);
  const times = clock === null ? [] : lines.map(clock);
  if (!times.some((time) => time !== undefined)) {
    const notice = `${source.path} does not say when its lines were written (no log_date_format): --since cannot leave any out`;
    return [{ app: source.app, notice }, ...all];
  }
  // A line without a time belongs to the one before it, such as the rest of a stack trace.
  let isWanted = false;
  return all.filter((_, index) => {
    const time = times[index];
    if (time !== undefined) isWanted = time >= since;
    return isWanted;
  });
}

function logLine({ app, slot, stream }: LogSource, line: string): LogLine {
  return { app, slot, stream, line };
}
