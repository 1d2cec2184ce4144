import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 64 * 1024;
/** However many lines are asked for: more of one file is not held at once. */
const MAX_TAIL_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The end of a file. */
export interface Tail {
  /** Whole lines, oldest first. */
  readonly lines: readonly string[];
  /** What follows the last newline: a line that is not ended yet, or ''. */
  readonly rest: string;
  /** Where `rest` begins, in bytes. */
  readonly offset: number;
}

/** Opens a regular file for reading; null when there is none. Anything else (a FIFO, a device) is taken as none. */
export async function openLogFile(path: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    // A FIFO is not even opened: for its writer that would be a reader, that is gone at once.
    if (!(await stat(path)).isFile()) return null;
    // Without O_NONBLOCK, opening a FIFO waits for a writer, for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  return null;
}

/** The last lines of a file, read from its end in blocks. */
export async function readTail(handle: FileHandle, lines: number): Promise<Tail> {
  const { size } = await handle.stat();
  const blocks: Buffer[] = [];
  let position = size;
  let newlines = 0;
  // One more newline than lines: the one before the first of them.
  while (position > 0 && newlines <= lines && size - position < MAX_TAIL_BYTES) {
    const length = Math.min(BLOCK_BYTES, position);
    const block = await readBlock(handle, position - length, length);
    position -= length;
    newlines += countNewlines(block);
    blocks.unshift(block);
  }
  const bytes = Buffer.concat(blocks);
  const restStart = bytes.lastIndexOf(NEWLINE) + 1;
  const whole = restStart === 0 ? [] : bytes.toString('utf8', 0, restStart - 1).split('\n');
  // The first one was cut when the beginning of the file was not reached.
  const complete = position === 0 ? whole : whole.slice(1);
  return {
    lines: lines === 0 ? [] : complete.slice(-lines),
    rest: bytes.toString('utf8', restStart),
    offset: position + restStart,
  };
}

async function readBlock(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const block = Buffer.alloc(length);
  const { bytesRead } = await handle.read(block, 0, length, position);
  return block.subarray(0, bytesRead);
}

function countNewlines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE); at !== -1; at = block.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
