import { relative } from 'node:path';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { ChangeBurst } from './change-burst.ts';
import type { FileWatcher, FileWatcherOptions, OpenFileWatcher } from './file-watcher.ts';

/** What is watched for one app, and how. */
export type WatchSettings = Omit<FileWatcherOptions, 'changedSince' | 'onChange' | 'onStir' | 'onError'> & {
  /** Quiet time after the last change. */
  readonly delayMs: number;
};

/** How the watching of one app goes. */
export type WatchState =
  | { readonly kind: 'watching'; readonly missing: readonly string[] }
  | { readonly kind: 'failed'; readonly error: NodeJS.ErrnoException };

export interface AppWatchOptions {
  readonly clock: Clock;
  readonly open: OpenFileWatcher;
  readonly settings: WatchSettings;
  /** `src/a.js changed (and 12 more)`. */
  readonly onChanged: (detail: string) => void;
  readonly onState: (state: WatchState) => void;
}

/**
 * How long after the first change in a folder the watched folders are checked, and missing ones looked for.
 */
const CHECK_MS = 1_000;
/** Kernels stamp files with the time of their last tick. */
const TIMESTAMP_GRAIN_MS = 10;
/** Watches that have run out may be free again. */
const RETRY_MS = 60_000;

/**
 * Watches the files of one app, whatever becomes of the folders.
 *
 *   opening ──ready──▶ watching ──a folder was made anew, or one that was missing is there──▶ opening
 *      ▲ └──────────────────┴── cannot watch ──▶ failed
 *      └──────────────── 60 s ────────────────────┘
 */
export class AppWatch {
  readonly #options: AppWatchOptions;
  readonly #burst: ChangeBurst;
  #watcher: FileWatcher | undefined;
  #opening = false;
  #failed = false;
  #closed = false;
  #cancelCheck: Cancel | undefined;

  constructor(options: AppWatchOptions) {
    this.#options = options;
    const { clock, settings } = options;
    this.#burst = new ChangeBurst({
      clock,
      quietMs: settings.delayMs,
      // Never rejects: see #check.
      onEnd: (paths) => void this.#report(paths),
    });
    void this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#burst.close();
    this.#cancelCheck?.();
    this.#drop();
  }

  async #open(): Promise<void> {
    const { clock, open, settings, onState } = this.#options;
    if (this.#opening || this.#closed) return;
    this.#opening = true;
    this.#failed = false;
    // What an app starts from was there before it is watched first; from then on nothing that is written is missed.
    const changedSince = clock.now() - (this.#watcher === undefined ? 0 : TIMESTAMP_GRAIN_MS);
    // Watchers of one program share what they watch by path: beside an open one, a new one would see the old folder.
    this.#drop();
    const opened = await open({
      ...settings,
      changedSince,
      onChange: (path) => {
        if (!this.#closed) this.#burst.add(path);
      },
      onStir: () => this.#checkSoon(),
      onError: (error) => this.#fail(error),
    }).catch((error: unknown) => {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    });
    this.#opening = false;
    this.#watcher = opened;
    // It failed, or was closed, while it was opened.
    if (!this.#isWatching()) {
      this.#drop();
      return;
    }
    onState({ kind: 'watching', missing: opened?.missing ?? [] });
    if (opened !== undefined && opened.missing.length > 0) this.#checkSoon();
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#failed || this.#closed) return;
    this.#failed = true;
    this.#drop();
    this.#options.onState({ kind: 'failed', error });
    this.#cancelCheck?.();
    this.#cancelCheck = this.#options.clock.after(RETRY_MS, () => {
      this.#cancelCheck = undefined;
      void this.#open();
    });
  }

  #checkSoon(): void {
    if (this.#closed || this.#failed || this.#cancelCheck !== undefined) return;
    this.#cancelCheck = this.#options.clock.after(CHECK_MS, () => {
      this.#cancelCheck = undefined;
      void this.#check().then((paths) => paths.forEach((path) => this.#burst.add(path)));
    });
  }

  async #report(changed: readonly string[]): Promise<void> {
    const paths = new Set([...changed, ...(await this.#check())]);
    const [first] = paths;
    if (this.#closed || first === undefined) return;
    const name = relative(this.#options.settings.cwd, first) || '.';
    const more = paths.size === 1 ? '' : ` (and ${paths.size - 1} more)`;
    this.#options.onChanged(`${name} changed${more}`);
  }

  /** Watches again when that is needed; returns the paths that were created again. Never rejects. */
  async #check(): Promise<readonly string[]> {
    const watcher = this.#watcher;
    if (watcher === undefined || this.#opening || this.#closed) return [];
    const { replaced, gone, returned } = await watcher.check();
    if (watcher !== this.#watcher) return [];
    if (replaced.length + gone.length + returned.length > 0) await this.#open();
    else if (watcher.missing.length > 0) this.#checkSoon();
    return this.#isWatching() ? [...replaced, ...returned] : [];
  }

  #isWatching(): boolean {
    return !this.#closed && !this.#failed;
  }

  #drop(): void {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    watcher?.close().catch(() => undefined);
  }
}
