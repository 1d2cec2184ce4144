import { watch, type FSWatcher } from 'node:fs';
import type { Cancel, Clock } from '../../lib/clock.ts';

/** Tells when something may have changed in some folders. */
export interface FolderWatch {
  /** Resolves at the next change, after the poll interval, or at once when something changed since the last call. */
  next(): Promise<void>;
  close(): void;
}

/**
 * Watches folders as far as the system lets us, and polls beside it: watches are lost with their folder, are limited in
 * number, and do not exist on some file systems.
 */
export function watchFolders(
  folders: readonly string[],
  options: { readonly clock: Clock; readonly pollMs: number; readonly signal: AbortSignal },
): FolderWatch {
  let hasChanged = false;
  let wake = (): void => undefined;
  const notice = (): void => {
    hasChanged = true;
    wake();
  };
  const watchers = [...new Set(folders)].flatMap((folder) => startWatcher(folder, notice));
  options.signal.addEventListener('abort', notice);
  return {
    async next() {
      let cancel: Cancel = () => undefined;
      if (!hasChanged) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          cancel = options.clock.after(options.pollMs, resolve);
        });
      }
      cancel();
      hasChanged = false;
    },
    close() {
      options.signal.removeEventListener('abort', notice);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function startWatcher(folder: string, notice: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, notice);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
