import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import type { LogStamp } from '../../../lib/log-times/log-stamp.ts';
import {
  BLOCK_BYTES,
  BLOCK_HEAD_BYTES,
  decodeBlock,
  type DecodedBlock,
} from '../../../lib/log-times/times-block.ts';
import { TimesEncoder } from '../../../lib/log-times/times-encoder.ts';
import {
  COVERED_AT,
  decodeHead,
  encodeCovered,
  encodeHead,
  MAX_HEAD_BYTES,
} from '../../../lib/log-times/times-file.ts';
import { errorCode } from '../../../lib/system-error.ts';

const MODE = 0o600;

/** What is known of a part of a log. */
export interface TimesPart {
  /** Bytes of the log before this that the index does not tell of yet are unknown. */
  readonly from: number;
  readonly stamps: readonly LogStamp[];
  /** Where the part ends. */
  readonly covered: number;
}

/** An index on the disk, opened to be gone on with. Rejects with the system's errors. */
export class TimesFile {
  readonly #handle: FileHandle;
  readonly #encoder: TimesEncoder;
  /** Where what the encoder gives next is written. */
  #position: number;
  #covered: number;

  private constructor(
    handle: FileHandle,
    encoder: TimesEncoder,
    { length, covered }: { readonly length: number; readonly covered: number },
  ) {
    this.#handle = handle;
    this.#encoder = encoder;
    this.#position = length + encoder.size;
    this.#covered = covered;
  }

  /**
   * Opens the index of the log `log`, or begins one.
   * @param size of the log: an index that tells of more is of what was in the log before somebody emptied it
   */
  static async open(path: string, log: string, size: number): Promise<TimesFile> {
    const before = await open(path, constants.O_RDWR | constants.O_NOFOLLOW).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      return null;
    });
    if (before !== null) {
      const file = await resumed(before, size);
      if (file !== null) return new TimesFile(before, file.encoder, file);
      await before.close();
      // Somebody may be reading it: what takes its place is another file.
      await TimesFile.remove(path);
    }
    const handle = await open(path, 'wx', MODE);
    const head = encodeHead(log, 0);
    await writeAll(handle, head, 0);
    return new TimesFile(handle, new TimesEncoder(), { length: head.length, covered: 0 });
  }

  static async remove(path: string): Promise<void> {
    await unlink(path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }

  async append({ from, stamps, covered }: TimesPart): Promise<void> {
    if (this.#covered < from) this.#encoder.add({ offset: this.#covered, at: null, source: null });
    for (const stamp of stamps) this.#encoder.add(stamp);
    const bytes = this.#encoder.take();
    if (bytes.length > 0) await writeAll(this.#handle, bytes, this.#position);
    this.#position += bytes.length;
    // After what it tells of: readers trust it.
    await writeAll(this.#handle, encodeCovered(covered), COVERED_AT);
    this.#covered = covered;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

interface Resumed {
  readonly encoder: TimesEncoder;
  /** Of the head. */
  readonly length: number;
  readonly covered: number;
}

/** Null: it is none, or of what is not in the log any more. */
async function resumed(handle: FileHandle, size: number): Promise<Resumed | null> {
  const head = decodeHead(await readAt(handle, 0, MAX_HEAD_BYTES));
  if (head === null || head.covered > size) return null;
  const { length } = head;
  const blocks = Math.ceil(((await handle.stat()).size - length) / BLOCK_BYTES);
  const last = await lastBlock(handle, length, blocks);
  if (last === null || last.block.offset > size) return null;
  const encoder = last.number === -1 ? new TimesEncoder() : TimesEncoder.resume(last.block, last.number);
  // What was torn would be taken for entries once others follow it.
  await handle.truncate(length + encoder.size);
  return { encoder, length, covered: Math.max(head.covered, last.block.offset) };
}

/** The last one of which more than its beginning is there; number -1: none is. Null: it cannot be read. */
async function lastBlock(
  handle: FileHandle,
  start: number,
  blocks: number,
): Promise<{ readonly number: number; readonly block: DecodedBlock } | null> {
  for (let number = blocks - 1; number >= Math.max(0, blocks - 2); number--) {
    const bytes = await readAt(handle, start + number * BLOCK_BYTES, BLOCK_BYTES);
    const block = decodeBlock(bytes);
    if (block !== null) return { number, block };
    if (bytes.length >= BLOCK_HEAD_BYTES) return null;
  }
  return { number: -1, block: NO_BLOCK };
}

const NO_BLOCK: DecodedBlock = { stamps: [], end: 0, offset: 0, at: 0, sources: [] };

/** A disk that is full takes a part. */
async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, position);
  if (bytesWritten < bytes.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
