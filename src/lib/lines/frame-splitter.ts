const NEWLINE = 10;

/**
 * Cuts what a connection sends into lines of at most `maxBytes`, and hands each that is not empty to `onLine`. A longer
 * one is not handed on: it calls `onTooLong`.
 */
export class FrameSplitter {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number, onLine: (line: string) => void, onTooLong: () => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  write(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      if (this.#length > this.#maxBytes) break;
      const line = this.#takeLine();
      start = end + 1;
      if (line !== '') this.#onLine(line);
    }
    this.#keep(chunk.subarray(start));
    if (this.#length <= this.#maxBytes) return;
    this.#parts = [];
    this.#onTooLong();
  }

  /** What has come of a line that has not ended. */
  get rest(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #takeLine(): string {
    const [first, ...others] = this.#parts;
    const bytes = others.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return bytes?.toString('utf8') ?? '';
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}
