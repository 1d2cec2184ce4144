import type { Clock } from '../../../lib/clocks/clock.ts';
import { loopTurns } from '../../../lib/turns/turns.ts';
import { merge, type Ordered } from '../merge.ts';
import type { FollowedFile } from './followed-file.ts';
import type { FollowedItem } from './lines-ahead.ts';
import type { Changed, FileWatch } from './folder-watch.ts';
import type { LogFile } from '../parts/log-source.ts';

/** An item of one of several files. */
export interface FollowedOf {
  readonly file: LogFile;
  readonly item: FollowedItem;
}

export interface FollowLogsOptions {
  readonly clock: Clock;
  readonly watch: FileWatch;
  readonly signal: AbortSignal;
  /** How often everything is looked at, whatever is told. */
  readonly pollMs: number;
  /**
   * The files that are followed now, in the order in which lines of the same time are given. Called before each look; what
   * is left out is closed by whoever gives them.
   */
  files(): Promise<readonly FollowedFile[]>;
}

/** While the time of something is not known yet, and to let what was written at the same time come in. */
const SOON_MS = 40;

/**
 * What is appended to several logs, in order of time, until the signal fires. A line waits until nothing earlier can come
 * of the others: as long as the runner takes to write and to tell when it came. What comes even later is given as soon as
 * it is there, behind what was given; lines of one file always keep their order. Nothing is read ahead but a little of
 * each file: the reader sets the pace.
 */
export async function* followLogs(options: FollowLogsOptions): AsyncGenerator<readonly FollowedOf[]> {
  const { clock, watch, signal, pollMs } = options;
  let seenAll = -Infinity;
  let known: readonly FollowedFile[] = [];
  let hasGiven = false;
  for (;;) {
    const before = known;
    known = await options.files();
    const waitMs =
      hasGiven && known.some((file) => file.hasMore)
        ? 0
        : known.some((file) => file.isBusy)
          ? SOON_MS
          : pollMs;
    const changed = await watch.next(waitMs);
    if (signal.aborted) return;
    const isDue = clock.monotonic() - seenAll >= pollMs || changed === 'all' || before !== known;
    if (isDue) seenAll = clock.monotonic();
    for (const file of known) {
      if (isDue || file.isBusy || isAmong(file.file.path, changed)) {
        await file.look(known.length === 1);
      }
    }
    const taken = takeKnown(known, watch, known.length === 1 ? Infinity : await watch.settled());
    hasGiven = taken.length > 0;
    for await (const batch of merge(taken.map(asSource), 'oldest-first')) {
      yield batch.map(({ item }) => item);
      if (loopTurns.isOver) await loopTurns.next();
    }
  }
}

/** Keys of one file rise. */
async function* asSource({ file, items }: Taken): AsyncGenerator<readonly (FollowedOf & Ordered)[]> {
  yield await Promise.resolve(items.map((item) => ({ file: file.file, item, key: item.key })));
}

function isAmong(path: string, changed: Changed): boolean {
  return changed === 'all' || changed.has(path);
}

/** What is taken of a file. */
interface Taken {
  readonly file: FollowedFile;
  readonly items: readonly FollowedItem[];
}

/**
 * What can be given out by now: everything before the time up to which all files are known. `settled`: every change of a
 * watched file before that is told.
 */
function takeKnown(files: readonly FollowedFile[], watch: FileWatch, settled: number): readonly Taken[] {
  const bounds = files.map((file) => {
    const { path } = file.file;
    return file.bound(watch.isWatched(path) && !watch.isChanged(path) ? settled : null);
  });
  const limit = files.length === 1 ? Infinity : bounds.reduce((one, other) => Math.min(one, other), Infinity);
  return files.flatMap((file) => {
    const items = file.take(limit);
    return items.length === 0 ? [] : [{ file, items }];
  });
}
