import { watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cancel, Clock } from '../../../lib/clocks/clock.ts';
import { logNameOf } from '../parts/log-part.ts';

/** Which files may have changed; `all`: any of them. */
export type Changed = ReadonlySet<string> | 'all';

/** Tells when something may have changed in the folders of some files. */
export interface FileWatch {
  /** Files that are watched from now on, and no others. */
  watch(paths: readonly string[]): void;
  /** Whether the system tells of changes of a file, as far as we know. */
  isWatched(path: string): boolean;
  /** Something was told of the file that `next` has not given yet. */
  isChanged(path: string): boolean;
  /** Resolves with a moment, epoch milliseconds: every change of a watched file before it is told by now. */
  settled(): Promise<number>;
  /** Looks at everything at the next occasion, which is now. */
  wake(): void;
  /** Resolves at the next change, after `ms` at most, or at once when something changed since the last call. */
  next(ms: number): Promise<Changed>;
  close(): void;
}

/** So many changed files are looked at as all. */
const MAX_CHANGED = 1_000;

/**
 * Watches folders as far as the system lets us; whoever waits looks at everything now and then beside it: watches are lost
 * with their folder, are limited in number, and do not exist on some file systems.
 */
export function watchFiles({
  clock,
  signal,
}: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): FileWatch {
  const watchers = new Map<string, FSWatcher>();
  let changed = new Set<string>();
  let isAll = false;
  let wakeUp = (): void => undefined;
  const noticeAll = (): void => {
    isAll = true;
    wakeUp();
  };
  const notice = (folder: string, name: string | null): void => {
    if (name === null || changed.size >= MAX_CHANGED) isAll = true;
    // A rotated file is part of the log that it was rotated away from, and may be written to yet.
    else for (const log of new Set([name, logNameOf(name)])) changed.add(join(folder, log));
    wakeUp();
  };
  signal.addEventListener('abort', noticeAll);
  return {
    watch(paths) {
      const folders = new Set(paths.map((path) => dirname(path)));
      for (const [folder, watcher] of watchers) {
        if (folders.has(folder)) continue;
        watcher.close();
        watchers.delete(folder);
      }
      for (const folder of folders) {
        if (watchers.has(folder)) continue;
        const watcher = startWatcher(folder, (name) => notice(folder, name));
        if (watcher === null) continue;
        watchers.set(folder, watcher);
        watcher.on('error', () => {
          watcher.close();
          watchers.delete(folder);
        });
      }
    },
    isWatched: (path) => watchers.has(dirname(path)),
    isChanged: (path) => isAll || changed.has(path),
    async settled() {
      const moment = clock.now();
      // The system is asked once in a turn of the loop: between two of these it was, after that moment.
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
      return moment;
    },
    wake: noticeAll,
    async next(ms) {
      let cancel: Cancel = () => undefined;
      if (!isAll && changed.size === 0) {
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
          cancel = clock.after(ms, resolve);
        });
      }
      cancel();
      wakeUp = () => undefined;
      const seen = isAll ? 'all' : changed;
      changed = new Set();
      isAll = false;
      return seen;
    },
    close() {
      signal.removeEventListener('abort', noticeAll);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function startWatcher(folder: string, notice: (name: string | null) => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, (_, name) => notice(name));
  } catch {
    return null;
  }
}
