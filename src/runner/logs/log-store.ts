import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { within, type Clock } from '../../lib/clocks/clock.ts';
import type { DaemonStream } from '../protocol/orders.ts';
import type { EmptiedLog } from '../protocol/reports.ts';
import type { MissingLines } from './counts/dropped-lines.ts';
import { LogFile } from './log-file.ts';
import type { LogFileSettings } from './log-file-options.ts';
import { LogUsage } from './counts/log-usage.ts';
import { NearDisk } from './near-disk.ts';
import { emptyLog } from './rotation/empty-log.ts';
import { Retention } from './rotation/retention.ts';
import type { TimesIndex } from './times/times-index.ts';

/** Larger than any chunk that a reader hands out together with its prefixes, most of the time. */
const SCRATCH_BYTES = 256 * 1024;
/** How often to look, while apps write, whether somebody wants the lines of all of them. */
const LOOK_MS = 1_000;
const SETTLE_POLL_MS = 2;

export interface LogStoreOptions {
  readonly clock: Clock;
  /** The home's own folder for logs. */
  readonly folder: string;
  /** FIFOs that `daemon run` reads from while it runs. */
  readonly streams: Readonly<Record<DaemonStream, string>>;
  /** Where `stateward run` listens for the lines of all apps while it runs; left out: nobody ever does. */
  readonly linesSocket?: string;
  /** Where the times of lines are kept; left out: nowhere. */
  readonly times?: TimesIndex;
  /** Something else is the matter with a file, or nothing any more. */
  readonly changed: (file: LogFile) => void;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

interface Entry {
  readonly file: LogFile;
  users: number;
}

/** Every open log file of the home, by path: instances that share a path share its one writer. */
export class LogStore {
  readonly #options: LogStoreOptions;
  readonly retention: Retention;
  readonly usage = new LogUsage();
  readonly #files = new Map<string, Entry>();
  readonly #nearDisk: NearDisk;
  #lines: LogFile | undefined;
  #lookedAt = -Infinity;
  /** Room for formats to build lines in. */
  readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  constructor(options: LogStoreOptions) {
    this.#options = options;
    this.retention = new Retention(options);
    this.#nearDisk = new NearDisk(options);
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get streams(): LogStoreOptions['streams'] {
    return this.#options.streams;
  }

  /** What takes the lines of all apps, each with where it is from; undefined: nobody wants them now. */
  get lines(): LogFile | undefined {
    const path = this.#options.linesSocket;
    if (path === undefined) return undefined;
    const now = this.clock.monotonic();
    if (now - this.#lookedAt < LOOK_MS) return this.#lines;
    this.#lookedAt = now;
    const isThere = statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
    if (isThere) this.#lines ??= this.acquire(path, { rotate: null, json: false });
    else if (this.#lines !== undefined) {
      this.#lines = undefined;
      this.release(path);
    }
    return this.#lines;
  }

  /** The file at `path`; to be given back with `release`. */
  acquire(path: string, settings: LogFileSettings): LogFile {
    const key = resolve(path);
    const entry = this.#files.get(key) ?? this.#create(key, settings);
    entry.users++;
    entry.file.use(settings);
    if (settings.app !== undefined) this.retention.use(settings.app, key, settings.rotate);
    return entry.file;
  }

  /** Writes what is left and closes the file unless somebody else uses it. */
  release(path: string): void {
    const key = resolve(path);
    const entry = this.#files.get(key);
    if (entry === undefined) return;
    entry.users--;
    if (entry.users > 0) return;
    void entry.file.close().then((closed) => {
      if (closed && entry.users === 0) this.#files.delete(key);
    });
  }

  reopen(): void {
    for (const { file } of this.#files.values()) file.reopen();
  }

  /** Empties log files, those too that nobody writes to at the moment. */
  flush(paths: readonly string[], rotated: boolean): Promise<readonly EmptiedLog[]> {
    const { times } = this.#options;
    const emptied = paths.map(async (path) => {
      const done = await emptyLog(resolve(path), { rotated, times });
      this.#files.get(resolve(path))?.file.emptied();
      return done;
    });
    return Promise.all(emptied);
  }

  /** Resolves when every file has what was appended to it, and its times are saved, or after `ms` milliseconds. */
  async settle(ms: number): Promise<void> {
    const { clock } = this.#options;
    const end = clock.monotonic() + ms;
    const isSettled = (): boolean => [...this.#files.values()].every(({ file }) => file.isSettled);
    while (!isSettled() && clock.monotonic() < end) {
      await new Promise<void>((resolve) => clock.after(SETTLE_POLL_MS, resolve));
    }
    const rested = Promise.all([...this.#files.values()].map(({ file }) => file.rest()));
    await within(Math.max(SETTLE_POLL_MS, end - clock.monotonic()), rested, clock);
  }

  /** What the next runner is to know of lines that are in no file, by the path of it. */
  missing(): Readonly<Record<string, MissingLines>> {
    const missing = [...this.#files].map(([path, { file }]) => [path, file.missing] as const);
    return Object.fromEntries(missing.filter(([, { told, untold }]) => told + untold > 0));
  }

  /** Tells of the lines that the runner before could not write. */
  goOnFrom(missing: Readonly<Record<string, MissingLines>>): void {
    for (const [path, lines] of Object.entries(missing)) this.#files.get(path)?.file.goOnFrom(lines);
  }

  /** Resolves when every file has what was appended to it, or cannot have it. */
  async close(): Promise<void> {
    this.retention.close();
    await Promise.all([...this.#files.values()].map(({ file }) => file.close()));
  }

  #create(path: string, settings: LogFileSettings): Entry {
    const { changed, ...options } = this.#options;
    const onRotated = (): void => void this.retention.run(path);
    const onDropped = (lines: number): void => {
      if (settings.app !== undefined) this.usage.of(settings.app).droppedLines += lines;
    };
    const file: LogFile = new LogFile(
      { ...options, nearDisk: this.#nearDisk, path, onRotated, onDropped, changed: () => changed(file) },
      settings,
    );
    const entry = { file, users: 0 };
    this.#files.set(path, entry);
    return entry;
  }
}
