const NEWLINE = 10;

/** Beyond this the oldest lines go. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES = 128 * 1024;
const FIRST_BLOCK_BYTES = 8 * 1024;
/** Blocks kept for use again while there is work. */
const SPARE_BLOCKS = 8;

interface Block {
  readonly data: Buffer;
  used: number;
}

/** What waits to be written to one file: whole lines, copied into a few large blocks. */
export class LogQueue {
  #blocks: Block[] = [];
  #spare: Buffer[] = [];
  #bytes = 0;
  #droppedLines = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Copies `bytes`, which are to stay together, behind what waits. */
  push(bytes: Buffer): void {
    const last = this.#blocks.at(-1);
    const block =
      last !== undefined && last.used + bytes.length <= last.data.length ? last : this.#add(bytes.length);
    bytes.copy(block.data, block.used);
    block.used += bytes.length;
    this.#bytes += bytes.length;
  }

  /** Takes the oldest blocks out, at least one if there is any, of about `limit` bytes. */
  take(limit: number): Buffer[] {
    const taken: Buffer[] = [];
    let size = 0;
    for (let block = this.#blocks[0]; block !== undefined; block = this.#blocks[0]) {
      if (taken.length > 0 && size + block.used > limit) break;
      this.#blocks.shift();
      taken.push(block.data.subarray(0, block.used));
      size += block.used;
    }
    this.#bytes -= size;
    return taken;
  }

  /** Gives back the memory of what `take` handed out. */
  recycle(buffers: readonly Buffer[]): void {
    for (const { buffer, byteOffset } of buffers) {
      const whole = buffer.byteLength === BLOCK_BYTES && byteOffset === 0;
      if (whole && this.#spare.length < SPARE_BLOCKS) this.#spare.push(Buffer.from(buffer));
    }
    if (this.#blocks.length === 0) this.#spare = [];
  }

  /** Drops the oldest lines until there is room for what may come. */
  dropOldest(): void {
    while (this.#bytes > MAX_QUEUED_BYTES) {
      const block = this.#blocks.shift();
      if (block === undefined) return;
      this.#bytes -= block.used;
      this.#droppedLines += countLines(block.data.subarray(0, block.used));
      if (this.#spare.length < SPARE_BLOCKS && block.data.length === BLOCK_BYTES)
        this.#spare.push(block.data);
    }
  }

  /** How many lines wait. */
  get lines(): number {
    return this.#blocks.reduce((sum, { data, used }) => sum + countLines(data.subarray(0, used)), 0);
  }

  /** How many were dropped that nobody was told of. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Lines that somebody else has dropped are told of in the file too. */
  addDropped(lines: number): void {
    this.#droppedLines += lines;
  }

  /** Lets go of all that waits. */
  clear(): void {
    this.#blocks = [];
    this.#bytes = 0;
    this.#droppedLines = 0;
  }

  /** Lines dropped since it was last asked. */
  takeDropped(): number {
    const dropped = this.#droppedLines;
    this.#droppedLines = 0;
    return dropped;
  }

  #add(needed: number): Block {
    const size = this.#blocks.length === 0 && this.#spare.length === 0 ? FIRST_BLOCK_BYTES : BLOCK_BYTES;
    const data =
      needed > size ? Buffer.allocUnsafeSlow(needed) : (this.#fit(size) ?? Buffer.allocUnsafeSlow(size));
    const block = { data, used: 0 };
    this.#blocks.push(block);
    return block;
  }

  #fit(size: number): Buffer | undefined {
    return size === BLOCK_BYTES ? this.#spare.pop() : undefined;
  }
}

export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return Math.max(1, lines);
}

/** What is left of a batch of which so many bytes are written. */
export function skip(batch: readonly Buffer[], written: number): readonly Buffer[] {
  let left = written;
  return batch.flatMap((bytes) => {
    const rest = bytes.subarray(Math.min(left, bytes.length));
    left -= bytes.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
}
