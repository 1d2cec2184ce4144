import { stat, statfs } from 'node:fs/promises';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import type { LogStamp } from '../../lib/log-times/log-stamp.ts';
import { isWritable } from './log-place.ts';
import type { NearDisk } from './near-disk.ts';
import { isSame, namedBy, openLog, type OpenLog, type OpenLogOptions } from './open-log.ts';
import { Rotation, type RotationOptions, type RotationSettings } from './rotation/rotation.ts';
import type { TimesOf } from './times/line-times.ts';
import type { TimesWriter } from './times/times-writer.ts';

/** How often to look whether the path still leads to the open file. */
const CHECK_MS = 1_000;
/** The index of times is so far behind the file at most. */
const TIMES_MS = 250;
/** Or so many times. */
const MAX_TIMES = 4_096;
const NEWLINE = Buffer.from('\n');

export interface LogDiskOptions extends OpenLogOptions, RotationOptions {
  /** The home's own folder for logs. */
  readonly folder: string;
  readonly nearDisk: NearDisk;
  /** Why times of lines are not kept; null: they are. */
  readonly onTimes: (problem: string | null) => void;
  /** `confirm` is to be called, while nothing is written. */
  readonly onDue: () => void;
}

interface OpenFile extends OpenLog {
  /** It ends with half a line of somebody who was killed while writing it. */
  isLineOpen: boolean;
  size: number;
  /** When its first line came; epoch milliseconds. */
  readonly since: number;
  /** Keeps its times; undefined: nobody does. */
  readonly times: TimesWriter | undefined;
}

/**
 * A log file on the disk: opened when needed, with its folders, opened anew when moved away, rotated when due. A link, a
 * device, a FIFO, a socket is written to as it is: it is somebody else's, and never renamed, truncated or given another mode.
 */
export class LogDisk {
  readonly #options: LogDiskOptions;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #rotation: Rotation;
  #file: OpenFile | undefined;
  /** Whatever line is open in the file is one of ours. */
  #hasWritten = false;
  #checkedAt = -Infinity;
  #cancelDue: Cancel | undefined;
  #areTimesDue = false;
  #wasEmptied = false;
  /** The times of files that were let go are saved. */
  #saved: Promise<unknown> = Promise.resolve();

  constructor(options: LogDiskOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#clock = options.clock;
    this.#rotation = new Rotation(options);
  }

  /** Tries it; rejects with the system's error, also when nothing could be written to where it is. */
  async prove(): Promise<void> {
    if (this.#file === undefined && this.#isProvenAtOnce()) return;
    const file = this.#file ?? (await this.#open());
    if (!file.plain) return;
    const { blocks, bfree } = await statfs(this.#path);
    if (blocks > 0 && bfree === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  }

  /**
   * Most apps log to the home's own folder, and many write nothing for long: there a file is tried in one go, and
   * made and opened with its first line. Elsewhere may be a disk that makes us wait, which only other threads may do.
   */
  #isProvenAtOnce(): boolean {
    return this.#path.startsWith(`${this.#options.folder}/`) && isWritable(this.#path);
  }

  /**
   * Appends what the system takes of `batch`; resolves with its length in bytes, rejects with the system's error.
   */
  async write(
    batch: readonly Buffer[],
    rotation: RotationSettings | null,
    timesOf: TimesOf,
  ): Promise<number> {
    await this.#dropMoved();
    await this.confirm();
    let file = this.#file ?? (await this.#open());
    if (rotation !== null && file.plain && this.#rotation.isDue(file, batch[0]?.length ?? 0, rotation)) {
      await this.#rotate(file, rotation);
      file = this.#file ?? (await this.#open());
    }
    const room = rotation === null || !file.plain ? Infinity : rotation.sizeBytes - file.size;
    failpoint('log.write');
    if (file.isLineOpen) await this.#endLine(file);
    const buffers = fitting(batch, room);
    const bytesWritten = this.#writeAtOnce(file, buffers) ?? (await file.handle.writev(buffers)).bytesWritten;
    this.#hasWritten = true;
    this.#wrote(file, bytesWritten, timesOf(bytesWritten));
    return bytesWritten;
  }

  /** Null: it is to be left to another thread. */
  #writeAtOnce({ file, plain, stats }: OpenFile, batch: readonly Buffer[]): number | null {
    if (!plain || file === undefined) return null;
    return this.#options.nearDisk.write({ fd: file.fd, stats }, batch);
  }

  async #endLine(file: OpenFile): Promise<void> {
    this.#wrote(file, (await file.handle.writev([NEWLINE])).bytesWritten, []);
    file.isLineOpen = false;
  }

  #wrote(file: OpenFile, length: number, stamps: readonly LogStamp[]): void {
    file.size += length;
    if (file.times === undefined) return;
    file.times.wrote(length, stamps);
    if (file.times.waiting > MAX_TIMES) this.#areTimesDue = true;
    this.#cancelDue ??= this.#clock.after(TIMES_MS, () => {
      this.#cancelDue = undefined;
      this.#areTimesDue = true;
      this.#options.onDue();
    });
  }

  /** Has the times of what was written saved, if that is due: not while something is being written. Never rejects. */
  async confirm(): Promise<void> {
    if (this.#checkedAt === -Infinity) await this.#dropMoved();
    if (!this.#areTimesDue) return;
    this.#areTimesDue = false;
    const isForced = this.#wasEmptied;
    this.#wasEmptied = false;
    if (this.#file !== undefined) await confirmTimes(this.#file, isForced);
  }

  /** Has the times of what was in it forgotten as soon as nothing is being written, and before the next write. */
  emptied(): void {
    this.#wasEmptied = true;
    this.#areTimesDue = true;
    this.#options.onDue();
  }

  /** Looks at the path anew as soon as nothing is being written, and before the next write. */
  recheck(): void {
    this.#checkedAt = -Infinity;
    this.#options.onDue();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    if (file === undefined) return;
    const confirmed = confirmTimes(file, this.#wasEmptied);
    this.#wasEmptied = false;
    this.#saved = Promise.all([this.#saved, confirmed.then(() => file.times?.close())]);
    await confirmed;
    await file.handle.close();
  }

  /** Lets go of a file whose times are kept. Resolves when those of all that was written are saved, or cannot be. */
  async rest(): Promise<void> {
    if (this.#file?.times !== undefined) await this.close();
    await this.#saved;
  }

  async #open(): Promise<OpenFile> {
    const { times, onTimes } = this.#options;
    const open = await openLog(this.#options);
    const size = Number(open.stats.size);
    this.#file = {
      ...open,
      size,
      since: open.file === undefined || size === 0 ? this.#clock.now() : Number(open.stats.birthtimeMs),
      isLineOpen: open.endsOpen && !this.#hasWritten,
      times: open.file === undefined ? undefined : times?.open(this.#path, open.stats, onTimes),
    };
    this.#checkedAt = this.#clock.monotonic();
    return this.#file;
  }

  /** Lets go of a file that was removed or moved: its folder is gone, or another program rotates it. */
  async #dropMoved(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#clock.monotonic() - this.#checkedAt < CHECK_MS) return;
    this.#checkedAt = this.#clock.monotonic();
    const there = await stat(this.#path, { bigint: true }).catch(() => null);
    if (there === null || !isSame(file.stats, there)) await this.close();
    // Somebody has emptied it: it is due when it is full again.
    else file.size = Math.min(file.size, Number(there.size));
  }

  /** The path may lead elsewhere since it was opened; what it leads to then is not ours to rename. */
  async #rotate(file: OpenFile, settings: RotationSettings): Promise<void> {
    const isStillThere = isSame(file.stats, await namedBy(this.#path));
    if (!isStillThere || (await this.#rotation.rotate(settings))) await this.close();
  }
}

/** What cannot be looked at is not confirmed: its times are unknown. `isForced`: nothing was written, yet it may be smaller. */
async function confirmTimes(file: OpenFile, isForced: boolean): Promise<void> {
  const isDue = file.times !== undefined && (isForced || file.times.isBehind);
  const size = isDue ? await file.file?.stat().catch(() => undefined) : undefined;
  if (size === undefined) return;
  file.size = size.size;
  file.times?.confirm(size.size);
}

/** As many of the first buffers as there is room for, but at least one: each holds whole lines. */
function fitting(batch: readonly Buffer[], room: number): readonly Buffer[] {
  let size = 0;
  const end = batch.findIndex((bytes, index) => {
    size += bytes.length;
    return size > room && index > 0;
  });
  return end === -1 ? batch : batch.slice(0, end);
}
