const NEWLINE = 10;

/** Longest piece of a line that is kept in memory; what is longer goes on as a further line. */
export const MAX_LINE_BYTES = 64 * 1024;

/**
 * Cuts chunks into lines, keeping at most one unfinished line of at most MAX_LINE_BYTES.
 *
 * `lines` gets bytes that end on a line's end (or on a piece of MAX_LINE_BYTES of an overlong one). They are
 * valid during the call only: the reader's buffer is used again.
 */
export class LineSplitter {
  readonly #lines: (bytes: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(lines: (bytes: Buffer) => void) {
    this.#lines = lines;
  }

  write(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return;
    }
    let start = 0;
    if (this.#length > 0) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.#keep(chunk.subarray(0, start));
      this.#emitRest();
    }
    if (start < end) this.#lines(chunk.subarray(start, end));
    if (end < chunk.length) this.#keep(chunk.subarray(end));
  }

  /** A copy of what is kept of an unfinished line. */
  get rest(): Buffer {
    return Buffer.from(this.#rest.subarray(0, this.#length));
  }

  /** Hands out an unfinished line, as it is. */
  flush(): void {
    if (this.#length > 0) this.#emitRest();
    this.#rest = Buffer.alloc(0);
  }

  #keep(bytes: Buffer): void {
    let offset = 0;
    while (offset < bytes.length) {
      // The newline of a line that is just as long as allowed belongs to it.
      if (this.#length === MAX_LINE_BYTES && bytes[offset] !== NEWLINE) this.#emitRest();
      const room = Math.max(1, MAX_LINE_BYTES - this.#length);
      const piece = bytes.subarray(offset, offset + room);
      this.#grow(this.#length + piece.length);
      piece.copy(this.#rest, this.#length);
      this.#length += piece.length;
      offset += piece.length;
    }
  }

  /** Doubles, so that a line that arrives byte by byte costs no more than its length. */
  #grow(length: number): void {
    if (length <= this.#rest.length) return;
    const larger = Buffer.allocUnsafeSlow(
      Math.min(MAX_LINE_BYTES + 1, Math.max(256, 2 ** Math.ceil(Math.log2(length)))),
    );
    this.#rest.copy(larger, 0, 0, this.#length);
    this.#rest = larger;
  }

  #emitRest(): void {
    const bytes = this.#rest.subarray(0, this.#length);
    this.#length = 0;
    this.#lines(bytes);
    if (this.#rest.length > 4096) this.#rest = Buffer.alloc(0);
  }
}
