import { lstat, open, stat, statfs, type FileHandle } from 'node:fs/promises';
import { constants, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { endsWithLine } from './line-end.ts';
import { compressNewest, rotate } from './log-rotation.ts';
import { inPlace, openLogFile, refuseAstray } from './safe-place.ts';
import { connectLog, type LogTarget } from './log-socket.ts';
import { daemonStream, isWritable, makeFolder } from './log-place.ts';
import type { DaemonStream, LogSettings } from '../protocol/orders.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** O_NONBLOCK: a path that is a FIFO without a reader is an error, not a thread that waits for ever. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;
/** How often to look whether the path still leads to the open file. */
const CHECK_MS = 1_000;
const ROTATE_RETRY_MS = 60_000;
const NEWLINE = Buffer.from('\n');

export interface LogDiskOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The home's own folder for logs. */
  readonly folder: string;
  /** FIFOs that `daemon run` reads from while it runs. */
  readonly streams: Readonly<Record<DaemonStream, string>>;
  /** Where `stateward run` listens while it runs. */
  readonly linesSocket?: string;
  /** Why the file cannot be rotated; null: it was. */
  readonly onRotation: (problem: string | null) => void;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

interface OpenFile {
  readonly handle: LogTarget;
  readonly device: number;
  readonly inode: number;
  /** A file of its own, and not a link to one, a device, or anything else that others have put there: ours to rotate. */
  readonly plain: boolean;
  /** It ends with half a line of somebody who was killed while writing it. */
  isLineOpen: boolean;
  size: number;
  /** When its first line came; epoch milliseconds. */
  readonly since: number;
}

/**
 * A log file on the disk: opened when needed, with its folders, opened anew when moved away, rotated when due. A link, a
 * device, a FIFO, a socket is written to as it is: it is somebody else's, and never renamed, truncated or given another mode.
 */
export class LogDisk {
  readonly #options: LogDiskOptions;
  readonly #path: string;
  readonly #clock: Clock;
  #file: OpenFile | undefined;
  /** Whatever line is open in the file is one of ours. */
  #hasWritten = false;
  #checkedAt = -Infinity;
  #rotateAfter = -Infinity;
  #compressing = false;

  constructor(options: LogDiskOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#clock = options.clock;
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

  /** Appends what the system takes of `batch`; resolves with its length in bytes, rejects with the system's error. */
  async write(batch: readonly Buffer[], rotation: LogSettings['rotate']): Promise<number> {
    await this.#dropMoved();
    let file = this.#file ?? (await this.#open());
    if (rotation !== null && this.#isDue(file, batch[0]?.length ?? 0, rotation)) {
      await this.#rotate(rotation);
      file = this.#file ?? (await this.#open());
    }
    const room = rotation === null || !file.plain ? Infinity : rotation.sizeBytes - file.size;
    failpoint('log.write');
    if (file.isLineOpen) await this.#endLine(file);
    const { bytesWritten } = await file.handle.writev(fitting(batch, room));
    this.#hasWritten = true;
    file.size += bytesWritten;
    return bytesWritten;
  }

  async #endLine(file: OpenFile): Promise<void> {
    file.size += (await file.handle.writev([NEWLINE])).bytesWritten;
    file.isLineOpen = false;
  }

  /** Looks at the path anew before the next write. */
  recheck(): void {
    this.#checkedAt = -Infinity;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #open(): Promise<OpenFile> {
    await refuseAstray(this.#path);
    const there = await stat(this.#path).catch(() => null);
    if (there?.isSocket() === true) return this.#connect(there);
    const handle = await this.#openHandle(there);
    const [stats, named] = await Promise.all([handle.stat(), lstat(this.#path).catch(() => null)]);
    const { dev, ino, size, birthtimeMs } = stats;
    const plain = stats.isFile() && named?.ino === ino && named.dev === dev;
    const since = size === 0 ? this.#clock.now() : birthtimeMs;
    const isLineOpen = plain && !this.#hasWritten && !(await endsWithLine(handle, size));
    this.#file = { handle, device: dev, inode: ino, plain, isLineOpen, size, since };
    this.#checkedAt = this.#clock.monotonic();
    return this.#file;
  }

  async #connect({ dev, ino }: Stats): Promise<OpenFile> {
    // Those that read for `stateward run` wait for it; how long, they know themselves.
    const patience = this.#path === this.#options.linesSocket ? Infinity : undefined;
    const handle = await connectLog(this.#path, this.#clock, patience);
    const since = this.#clock.now();
    this.#file = { handle, device: dev, inode: ino, plain: false, isLineOpen: false, size: 0, since };
    this.#checkedAt = this.#clock.monotonic();
    return this.#file;
  }

  async #openHandle(there: Stats | null): Promise<FileHandle> {
    const { streams } = this.#options;
    const stream = await daemonStream(this.#path);
    if (stream !== null) return openStream(streams[stream], stream);
    if (Object.values(streams).includes(this.#path)) return open(this.#path, FLAGS);
    if (there?.isBlockDevice() === true) throw new Error('it is a disk: name a file');
    await makeFolder(dirname(this.#path));
    return openLogFile(this.#path, FLAGS | constants.O_CREAT, 0o640);
  }

  /** Lets go of a file that was removed or moved: its folder is gone, or another program rotates it. */
  async #dropMoved(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#clock.monotonic() - this.#checkedAt < CHECK_MS) return;
    this.#checkedAt = this.#clock.monotonic();
    const there = await stat(this.#path).catch(() => null);
    if (there?.ino !== file.inode || there.dev !== file.device) await this.close();
    // Somebody has emptied it: it is due when it is full again.
    else file.size = Math.min(file.size, there.size);
  }

  #isDue(file: OpenFile, coming: number, rotation: NonNullable<LogSettings['rotate']>): boolean {
    if (!file.plain || file.size === 0 || this.#compressing) return false;
    if (this.#clock.monotonic() < this.#rotateAfter) return false;
    if (file.size + coming > rotation.sizeBytes) return true;
    return rotation.intervalMs !== null && this.#clock.now() - file.since >= rotation.intervalMs;
  }

  async #rotate(rotation: NonNullable<LogSettings['rotate']>): Promise<void> {
    const { onRotation } = this.#options;
    try {
      if (!(await this.#isStillThere())) {
        await this.close();
        return;
      }
      await inPlace(this.#path, (path) => rotate(path, rotation.keep));
      await this.close();
      onRotation(null);
      if (rotation.compress && rotation.keep > 0) this.#compress();
    } catch (error) {
      // The lines matter more than the size: go on with the file as it is.
      onRotation(`cannot rotate ${this.#path}, it grows on: ${errorMessage(error)}`);
      this.#rotateAfter = this.#clock.monotonic() + ROTATE_RETRY_MS;
    }
  }

  /** The path may lead elsewhere since it was opened; what it leads to then is not ours to rename. */
  async #isStillThere(): Promise<boolean> {
    const named = await lstat(this.#path).catch(() => null);
    return named?.ino === this.#file?.inode && named?.dev === this.#file?.device;
  }

  /** In the background; the next rotation waits for it. */
  #compress(): void {
    this.#compressing = true;
    inPlace(this.#path, compressNewest)
      .catch((error: unknown) => this.#options.log(`cannot compress ${this.#path}.1: ${errorMessage(error)}`))
      .finally(() => {
        this.#compressing = false;
      });
  }
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

/** Opens what a link to /dev/stdout means: not a stream of the runner, which nobody sees, but of `daemon run`. */
async function openStream(path: string, stream: DaemonStream): Promise<FileHandle> {
  try {
    return await open(path, FLAGS);
  } catch {
    throw new Error(`it leads to the ${stream} of stateward daemon run, which does not run: name a file`);
  }
}
