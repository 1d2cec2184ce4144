import type { Cancel, Clock } from '../../../lib/clocks/clock.ts';
import type { LogStamp } from '../../../lib/log-times/log-stamp.ts';
import { failpoint } from '../../../lib/failpoints/failpoint.ts';
import { TimesFile } from './times-file.ts';

export interface TimesWriterOptions {
  /** Of the index. */
  readonly path: string;
  /** Of the log. */
  readonly log: string;
  readonly clock: Clock;
  /** Why times are not kept; null: they are. */
  readonly onProblem: (error: unknown) => void;
  /** Nothing is told any more; resolves when nothing is written any more. */
  readonly onClosing: (closed: Promise<void>) => void;
  /** To be called before the index is opened; resolves when nobody else writes it, and its folder is there. */
  readonly prepare: () => Promise<void>;
}

/** Stamps that wait for a disk that takes none: beyond this they are given up, and that part of the log is unknown. */
const MAX_WAITING = 16_384;
const RETRY_MS = 10_000;
/** An index that is not written to is closed. */
const IDLE_MS = 5_000;

/**
 * Writes the index of one log file: what was written is told first (`wrote`), then confirmed by the size that the log really
 * has, and only then saved, in the background. So a log that was emptied, or that others append to, is noticed before
 * anything wrong is in the index. Never throws; what cannot be saved is unknown to readers, and tried again later.
 */
export class TimesWriter {
  readonly #options: TimesWriterOptions;
  /** Not confirmed: in the log since `#confirmed`, up to `#end`, if nothing else has happened to it. */
  #fresh: LogStamp[] = [];
  #confirmed: number;
  #end: number;
  /** Confirmed and not saved. */
  #ready: LogStamp[] = [];
  /** Where what is in `#ready` begins. */
  #readyFrom: number;
  #isAnew = false;
  /** The index covers so much of the log. */
  #saved: number;
  /** Of the log when this began: an index that tells of more is of what was in it before. Undefined: it is ours by now. */
  #sizeBefore: number | undefined;
  #file: TimesFile | undefined;
  #saving: Promise<void> | undefined;
  #retryAt = -Infinity;
  #cancelIdle: Cancel | undefined;
  #isClosed = false;

  /** @param size of the log, before anything that is told of here */
  constructor(options: TimesWriterOptions, size: number) {
    this.#options = options;
    this.#confirmed = size;
    this.#end = size;
    this.#readyFrom = size;
    this.#saved = size;
    this.#sizeBefore = size;
  }

  /** Whether something was written since the size of the log was last confirmed. */
  get isBehind(): boolean {
    return this.#end !== this.#confirmed;
  }

  /** How many stamps wait to be confirmed. */
  get waiting(): number {
    return this.#fresh.length;
  }

  /** So many bytes were appended to the log; the offsets of `stamps` count from the first of them. */
  wrote(length: number, stamps: readonly LogStamp[]): void {
    for (const stamp of stamps) this.#fresh.push({ ...stamp, offset: this.#end + stamp.offset });
    this.#end += length;
  }

  /** The log has this size, and nothing is being written to it at the moment. Saves what is known by that. */
  confirm(size: number): void {
    const fresh = this.#fresh;
    const before = this.#confirmed;
    this.#fresh = [];
    if (size < this.#end) this.#shrunk(size, fresh);
    else this.#ready.push(...fresh);
    // Others have appended the rest, who knows when.
    if (size > this.#end) this.#ready.push({ offset: this.#end, at: null, source: null });
    this.#confirmed = size;
    this.#end = size;
    if (size !== before || this.#isAnew) this.#save();
  }

  /** Resolves when all that is confirmed is saved, or cannot be. Nothing may be told any more. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelIdle?.();
    const closed = this.#finish();
    this.#options.onClosing(closed);
    return closed;
  }

  async #finish(): Promise<void> {
    await this.#saving;
    this.#cancelIdle?.();
    await this.#letGo();
  }

  /** Somebody has emptied the log, or cut it off: what it holds at its end was written since, as far as it was by us. */
  #shrunk(size: number, fresh: readonly LogStamp[]): void {
    const lost = this.#end - size;
    this.#isAnew = true;
    this.#ready = [];
    this.#readyFrom = Math.max(0, this.#confirmed - lost);
    fresh.forEach(({ offset, ...stamp }, number) => {
      const next = fresh[number + 1]?.offset ?? this.#end;
      if (next > lost) this.#ready.push({ ...stamp, offset: Math.max(0, offset - lost) });
    });
    this.#end = size;
  }

  #save(): void {
    const { clock } = this.#options;
    if (clock.monotonic() < this.#retryAt || this.#ready.length > MAX_WAITING) {
      this.#ready = [];
      this.#readyFrom = this.#confirmed;
    } else if (!this.#isClosed) {
      this.#saving ??= this.#saveAll();
    }
  }

  async #saveAll(): Promise<void> {
    const { clock, onProblem } = this.#options;
    this.#cancelIdle?.();
    try {
      while (this.#isAnew || this.#saved !== this.#confirmed) await this.#saveOnce();
      onProblem(null);
    } catch (error) {
      await this.#letGo();
      this.#retryAt = clock.monotonic() + RETRY_MS;
      onProblem(error);
    }
    this.#saving = undefined;
    this.#cancelIdle = clock.after(IDLE_MS, () => {
      if (this.#saving === undefined) void this.#letGo();
    });
  }

  async #saveOnce(): Promise<void> {
    const { path, log, prepare } = this.#options;
    failpoint('log.times');
    if (this.#isAnew) {
      await this.#letGo();
      await prepare();
      await TimesFile.remove(path);
      this.#isAnew = false;
    }
    if (this.#file === undefined) {
      await prepare();
      this.#file = await TimesFile.open(path, log, this.#sizeBefore ?? this.#confirmed);
      this.#sizeBefore = undefined;
    }
    const part = { from: this.#readyFrom, stamps: this.#ready, covered: this.#confirmed };
    this.#ready = [];
    this.#readyFrom = part.covered;
    await this.#file.append(part);
    this.#saved = part.covered;
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
