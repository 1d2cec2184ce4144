import { constants } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';
import { compressNewest, rotate } from './log-rotation.ts';
import type { LogSettings } from './protocol.ts';
import { errorMessage } from './system-error.ts';

/** O_NONBLOCK: a path that is a FIFO without a reader is an error, not a thread that waits for ever. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
/** How often to look whether the path still leads to the open file. */
const CHECK_MS = 1_000;
const ROTATE_RETRY_MS = 60_000;

interface OpenFile {
  readonly handle: FileHandle;
  readonly device: number;
  readonly inode: number;
  readonly regular: boolean;
  size: number;
  /** When its first line came; epoch milliseconds. */
  readonly since: number;
}

/** A log file on the disk: opened when needed, with its folders, opened anew when moved away, rotated when due. */
export class LogDisk {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #warn: (message: string) => void;
  #file: OpenFile | undefined;
  #checkedAt = -Infinity;
  #rotateAfter = -Infinity;
  #compressing = false;

  constructor(options: { path: string; clock: Clock; warn: (message: string) => void }) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#warn = options.warn;
  }

  /** Appends what the system takes of `batch`; resolves with its length in bytes, rejects with the system's error. */
  async write(batch: readonly Buffer[], rotation: LogSettings['rotate']): Promise<number> {
    await this.#dropMoved();
    let file = this.#file ?? (await this.#open());
    if (rotation !== null && this.#isDue(file, batch[0]?.length ?? 0, rotation)) {
      await this.#rotate(rotation);
      file = this.#file ?? (await this.#open());
    }
    const room = rotation === null || !file.regular ? Infinity : rotation.sizeBytes - file.size;
    const { bytesWritten } = await file.handle.writev(fitting(batch, room));
    file.size += bytesWritten;
    return bytesWritten;
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
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o750 });
    const handle = await open(this.#path, FLAGS, 0o640);
    const stats = await handle.stat();
    const { dev, ino, size, birthtimeMs } = stats;
    const regular = stats.isFile();
    const since = size === 0 ? this.#clock.now() : birthtimeMs;
    this.#file = { handle, device: dev, inode: ino, regular, size, since };
    this.#checkedAt = this.#clock.monotonic();
    return this.#file;
  }

  /** Lets go of a file that was removed or moved: its folder is gone, or another program rotates it. */
  async #dropMoved(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#clock.monotonic() - this.#checkedAt < CHECK_MS) return;
    this.#checkedAt = this.#clock.monotonic();
    const there = await stat(this.#path).catch(() => null);
    if (there?.ino !== file.inode || there.dev !== file.device) await this.close();
  }

  #isDue(file: OpenFile, coming: number, rotation: NonNullable<LogSettings['rotate']>): boolean {
    if (!file.regular || file.size === 0 || this.#compressing) return false;
    if (this.#clock.monotonic() < this.#rotateAfter) return false;
    if (file.size + coming > rotation.sizeBytes) return true;
    return rotation.intervalMs !== null && this.#clock.now() - file.since >= rotation.intervalMs;
  }

  async #rotate(rotation: NonNullable<LogSettings['rotate']>): Promise<void> {
    try {
      await rotate(this.#path, rotation.keep);
      await this.close();
      if (rotation.compress && rotation.keep > 0) this.#compress();
    } catch (error) {
      // The lines matter more than the size: go on with the file as it is.
      this.#warn(`cannot rotate ${this.#path}: ${errorMessage(error)}`);
      this.#rotateAfter = this.#clock.monotonic() + ROTATE_RETRY_MS;
    }
  }

  /** In the background; the next rotation waits for it. */
  #compress(): void {
    this.#compressing = true;
    compressNewest(this.#path)
      .catch((error: unknown) => this.#warn(`cannot compress ${this.#path}.1: ${errorMessage(error)}`))
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
