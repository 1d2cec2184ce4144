import { watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

/** What replaces several files is let finish. */
const SETTLE_MS = 200;

/**
 * Calls back when something happens in the folders of files, a moment later and once. Where nothing can be watched, as on some
 * network disks, or where a link higher up is changed, it does not: whoever calls looks from time to time too.
 */
export function watchFolders(
  paths: readonly string[],
  clock: Pick<Clock, 'after'>,
  onChange: () => void,
): Cancel {
  let settling: Cancel | null = null;
  const changed = (): void => {
    settling?.();
    settling = clock.after(SETTLE_MS, onChange);
  };
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) => {
    try {
      const watcher = watch(folder, { persistent: false }, changed);
      watcher.on('error', () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  });
  return () => {
    settling?.();
    for (const watcher of watchers) watcher.close();
  };
}
