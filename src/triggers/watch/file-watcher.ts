import { stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { FSWatcher } from 'chokidar';
import { selectFiles, type WatchDeclaration } from './watch-selection.ts';

export interface FileWatcherOptions extends WatchDeclaration {
  /** Polls files instead of waiting for the system to report changes; for file systems of other machines. */
  readonly polling: boolean;
  /** Milliseconds between two looks of `polling`. */
  readonly intervalMs: number;
  readonly followSymlinks: boolean;
  /** Folders below the declared ones that are watched; null: all. */
  readonly depth: number | null;
  /** Epoch milliseconds; files that changed since count as changes though they are found at the start. */
  readonly changedSince: number;
  /** A file that counts was written, added or removed. */
  readonly onChange: (path: string) => void;
  /** Something changed in a watched folder, whether it counts or not. */
  readonly onStir: () => void;
  /** Files cannot be watched, or not all of them. */
  readonly onError: (error: Error) => void;
}

/** What has happened to watched paths unnoticed. */
export interface WatchCheck {
  /** Folders that were removed and made anew: what happens there is not seen any more. */
  readonly replaced: readonly string[];
  /** Declared paths that are not there any more. */
  readonly gone: readonly string[];
  /** Declared paths that were missing and are there. */
  readonly returned: readonly string[];
}

export interface FileWatcher {
  /** Declared paths that are not there. */
  readonly missing: readonly string[];
  /** Never rejects. */
  check(): Promise<WatchCheck>;
  close(): Promise<void>;
}

export type OpenFileWatcher = (options: FileWatcherOptions) => Promise<FileWatcher>;

/** Resolves when everything that is there is watched. */
export const openFileWatcher: OpenFileWatcher = async (options) => {
  const [{ watch }, { default: picomatch }] = await Promise.all([import('chokidar'), import('picomatch')]);
  const { roots, isIgnored, isSelected } = selectFiles(options, picomatch);
  const identities = await identitiesOf(roots);
  const present = [...identities.keys()];
  const missing = roots.filter((root) => !identities.has(root));
  const watcher = watch([...present], {
    ignored: (path, stats) => isIgnored(path) || (stats?.isFile() === true && !isSelected(path)),
    alwaysStat: true,
    ignorePermissionErrors: true,
    usePolling: options.polling,
    interval: options.intervalMs,
    followSymlinks: options.followSymlinks,
    ...(options.depth !== null && { depth: options.depth }),
  });
  const folders = listen(watcher, options);
  if (present.length > 0) await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    missing,
    check: async () => ({
      // chokidar forgets a root that was removed, so the roots are kept here.
      replaced: await replacedOf(new Map([...folders, ...identities])),
      gone: await filterByStats(present, (stats) => stats === null),
      returned: await filterByStats(missing, (stats) => stats !== null),
    }),
    close: () => watcher.close(),
  };
};

/** Files found before `ready` are no changes, unless they have changed meanwhile. Returns the watched folders, kept up to date. */
function listen(
  watcher: FSWatcher,
  { onChange, onStir, onError, changedSince }: FileWatcherOptions,
): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  let isReady = false;
  watcher.once('ready', () => (isReady = true));
  watcher.on('raw', () => onStir());
  // An EventEmitter throws an error that nobody listens to.
  watcher.on('error', (error) => onError(error instanceof Error ? error : new Error(String(error))));
  // Of times that of change: a file that was renamed over another keeps the one at which it was written.
  watcher.on('all', (event, path, stats) => {
    if (event === 'addDir' && stats !== undefined) folders.set(path, identityOf(stats));
    if (event === 'unlinkDir') folders.delete(path);
    if (event !== 'add' && event !== 'change' && event !== 'unlink') return;
    if (isReady || event === 'unlink' || (stats !== undefined && stats.ctimeMs >= changedSince)) {
      onChange(path);
    }
  });
  return folders;
}

async function replacedOf(folders: ReadonlyMap<string, string>): Promise<readonly string[]> {
  return filterByStats(
    [...folders.keys()],
    (stats, path) => stats !== null && folders.get(path) !== identityOf(stats),
  );
}

async function identitiesOf(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const all = await Promise.all(paths.map(async (path) => [path, await statOf(path)] as const));
  return new Map(all.flatMap(([path, stats]) => (stats === null ? [] : [[path, identityOf(stats)]])));
}

async function filterByStats(
  paths: readonly string[],
  wanted: (stats: Stats | null, path: string) => boolean,
): Promise<readonly string[]> {
  const checked = await Promise.all(
    paths.map(async (path) => (wanted(await statOf(path), path) ? [path] : [])),
  );
  return checked.flat();
}

/** File systems give the number of a removed folder to the next one, so the time of its making counts as well. */
function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}

async function statOf(path: string): Promise<Stats | null> {
  return stat(path).catch(() => null);
}
